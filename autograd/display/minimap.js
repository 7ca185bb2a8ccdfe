// The map in a corner, behind scene.js and camera.js.

// The map of the whole, with the window on it; it is there when not all is seen.
export function minimap(scene, seer, frame) {
  const [{ width, height, nodes, calls }] = scene.levels;
  const outlines = [...nodes.map(scene.boxOf), ...calls.map((i) => scene.levels[i].box)];
  const thick = Math.max(width / 180, height / 120);
  const svg = picture("svg", { viewBox: `0 0 ${width} ${height}` },
    picture("path", { d: outlines.map(outline).join(""), "stroke-width": thick }));
  const view = element("div");  // moved by itself: thousands of boxes are not drawn again
  const paper = element("div", { class: "map", "aria-hidden": true }, svg, view);
  let [w, h] = [0, 0];  // asked for once: a browser would lay all out anew for it
  const placed = () => {
    if (!w) [w, h] = [paper.clientWidth, paper.clientHeight];
    const size = Math.min(w / width, h / height);
    return { size, x: (w - width * size) / 2, y: (h - height * size) / 2 };
  };
  const go = (event) => {
    const around = paper.getBoundingClientRect();
    const { size, x, y } = placed();
    seer.show({ x: (event.clientX - around.left - x) / size,
                y: (event.clientY - around.top - y) / size, width: 0, height: 0 }, seer.at.k);
    event.stopPropagation();
  };
  paper.addEventListener("pointerdown", go);
  paper.addEventListener("pointermove", (event) => { if (event.buttons === 1) go(event); });
  return {
    paper,
    follow: ({ left, top, k }) => {
      const [across, down] = [frame.clientWidth / k, frame.clientHeight / k];
      const all = left <= 0 && top <= 0 && left + across >= width && top + down >= height;
      paper.classList.toggle("hidden", all);
      const { size, x, y } = placed();
      view.style.transform = `translate(${x + left * size}px, ${y + top * size}px) `
        + `scale(${Math.max(across * size, 3) / 100}, ${Math.max(down * size, 3) / 100})`;
    },
  };
}
