// The explorer in a notebook, joined to the kernel, which reads and sets what is moved.

function render({ model, el }) {
  const root = document.createElement("section");
  el.append(root);
  const page = explorer(root, model.get("page"));
  const free = page.names.map((_, slot) => slot).filter(page.free);
  const moved = () => free.filter((slot) => !Object.is(page.now[slot], page.made[slot]));
  let taking = false;
  page.whenChanged(() => {
    if (taking) return;
    const pairs = moved().map((slot) => [page.names[slot], page.now[slot]]);
    model.set("numbers", Object.fromEntries(pairs));
    model.save_changes();
  });
  const take = () => {
    const numbers = model.get("numbers");
    taking = true;
    for (const slot of free) {
      const name = page.names[slot];
      page.set(name, numbers[name] ?? page.made[slot]);
    }
    page.refresh();
    taking = false;
  };
  model.on("change:numbers", take);
  if (Object.keys(model.get("numbers")).length) take();
  return () => {
    model.off("change:numbers", take);
    page.unmount();
  };
}

export default { render };
