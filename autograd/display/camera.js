// A camera over a plane: fitted, zoomed and moved by mouse, touch and keys, behind viewer.js.
//
// A view of viewer.js scrolls, and ends where a browser's sizes end; this one goes inwards without
// end. `moved` is told where it is: a point (x, y) of the plane is at ((x - left) k, (y - top) k).

const INWARDS = 1e7;
const AROUND_ALL = 0.94;  // how much of the frame a fitted plane takes

export function camera(frame, width, height, moved) {
  const at = { left: 0, top: 0, k: 1 };
  const scale = element("span", { class: "scale" });
  const followers = [];
  let drawn = 0;

  // Several moves between two frames of the screen are drawn once.
  function draw() {
    scale.textContent = `${at.k < 0.1 ? (100 * at.k).toPrecision(1) : Math.round(100 * at.k)} %`;
    drawn ||= requestAnimationFrame(() => {
      drawn = 0;
      moved(at);
      followers.forEach((act) => act(at));
    });
  }

  const fits = () => Math.min(frame.clientWidth / width, frame.clientHeight / height) * AROUND_ALL;

  // Show a box of the plane at a scale, in the middle.
  function show({ x, y, width: w, height: h }, k) {
    at.k = k;
    at.left = x + w / 2 - frame.clientWidth / 2 / k;
    at.top = y + h / 2 - frame.clientHeight / 2 / k;
    draw();
  }

  const whole = { x: 0, y: 0, width, height };
  const fit = () => show(whole, Math.min(1, fits()));

  function zoomBy(factor, x, y) {
    const around = frame.getBoundingClientRect();
    const [across, down] = [(x ?? around.left + around.width / 2) - around.left,
                            (y ?? around.top + around.height / 2) - around.top];
    const k = Math.min(INWARDS, Math.max(fits() / 2, at.k * factor));
    at.left += across / at.k - across / k;
    at.top += down / at.k - down / k;
    at.k = k;
    draw();
  }

  function moveBy(dx, dy) {
    at.left -= dx / at.k;
    at.top -= dy / at.k;
    draw();
  }

  zoomable(frame, scale, { fit, full: () => zoomBy(1 / at.k), zoomBy });
  dragged(frame, { zoomBy, moveBy });
  // The wheel of a page scrolls it until a reader has taken hold of the graph.
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !frame.contains(document.activeElement)) return;
    event.preventDefault();
    zoomBy(wheeled(event), event.clientX, event.clientY);
  }, { passive: false });

  let opened = false;
  const resized = new ResizeObserver(() => {
    if (!frame.clientWidth) return;
    if (!opened) ready.forEach((act) => act());
    opened = true;
    draw();
  });
  const ready = [];
  resized.observe(frame);
  return {
    // Another camera that is to stand where this one does.
    follow: (act) => followers.push(act),
    go: ({ left, top, k }) => {
      if (at.left === left && at.top === top && at.k === k) return;
      Object.assign(at, { left, top, k });
      draw();
    },
    at, fit, fits, show, zoomBy, moveBy, draw,
    whenShown: (act) => (opened ? act() : ready.push(act)),
    unmount: () => resized.disconnect(),
  };
}
