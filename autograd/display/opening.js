// Opening: all explorers of a page, and pairs of them, behind explorer.js.

// Two graphs of the same leaves: one moves, looks and asks where the other does.
export function paired(one, other) {
  let busy = false;
  const alone = (act) => (x) => {
    if (busy) return;
    busy = true;
    act(x);
    busy = false;
  };
  for (const [from, to] of [[one, other], [other, one]]) {
    from.seer.follow((at) => to.seer.go(at));
    from.whenSelected(alone((i) => {
      const there = i === null ? null : to.names.indexOf(from.names[i]);
      if (there !== -1) to.select(there, { reveal: false, speak: false });
    }));
    from.whenChanged(alone(() => {
      from.names.forEach((name, slot) => {
        const there = to.names.indexOf(name);
        if (from.free(slot) && there !== -1 && to.free(there)) to.set(name, from.now[slot]);
      });
      to.refresh();
    }));
  }
}

// A notebook's frame follows its theme, where it may look.
function themed() {
  try {
    const { body } = parent.document;
    const { dataset } = document.documentElement;
    const follow = () => {
      const light = body.dataset.jpThemeLight;
      if (light !== undefined) dataset.theme = light === "true" ? "light" : "dark";
    };
    follow();
    new MutationObserver(follow).observe(body, { attributeFilter: ["data-jp-theme-light"] });
  } catch { /* a frame of another origin follows the system */ }
}

export function exploreAll() {
  themed();
  for (const root of document.querySelectorAll(".glassgrad-explorer:not([data-live])")) {
    const page = JSON.parse(root.querySelector("script").textContent);
    root.glassgrad = explorer(root, page);
  }
  for (const both of document.querySelectorAll(".glassgrad-comparison:not([data-live])")) {
    both.dataset.live = "";
    const [one, other] = both.querySelectorAll(".glassgrad-explorer");
    paired(one.glassgrad, other.glassgrad);
  }
}
