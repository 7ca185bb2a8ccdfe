// A view of a picture: fitted, zoomed and moved by mouse, touch and keys.

const ZOOM = 1.25;
const SMALLEST = 0.01;
const LARGEST = 8;
// Below these scales, of which the second is for phones, where a reader can spread two fingers:
const READABLE = [0.6, 0.45];  // a picture opens in full size, at its root
const LEGIBLE = [0.3, 0.2];  // groups that lie far apart are not all shown
const NARROW = 600;

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// Most of a large picture stays as it is from one step to the next: that is left alone.
const written = new WeakMap();
function change(thing, property, text) {
  if (!thing || written.get(thing) === text) return;
  written.set(thing, text);
  thing[property] = text;
}

const wheeled = (event) => Math.exp(-event.deltaY / 300);

// The buttons above a view, and their keys.
function zoomable(frame, shown, { fit, full, zoomBy }) {
  const button = (text, label, act) => {
    const made = element("button", { type: "button", "aria-label": label, title: label }, text);
    made.addEventListener("click", act);
    return made;
  };
  const acts = {
    0: fit, 1: full, "-": () => zoomBy(1 / ZOOM), "+": () => zoomBy(ZOOM), "=": () => zoomBy(ZOOM),
  };
  const toolbar = element(
    "div", { class: "zoom", role: "group", "aria-label": "Zoom" },
    button("Fit", "Fit the picture (0)", fit), button("100 %", "Full size (1)", full),
    button("\u2212", "Zoom out (-)", acts["-"]), button("+", "Zoom in (+)", acts["+"]), shown,
  );
  frame.tabIndex = 0;
  frame.before(toolbar);
  frame.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const act = acts[event.key];
    const scrolls = event.key.startsWith("Arrow") || event.key.startsWith("Page");
    if (act) {
      act();
      event.preventDefault();
    }
    if (act || scrolls) event.stopPropagation();  // a notebook has meanings of its own for these
  });
  return toolbar;
}

// One pointer moves, two zoom around the point between them.
function dragged(frame, { zoomBy, moveBy }) {
  const pointers = new Map();
  let moved = false;
  frame.addEventListener("pointerdown", (event) => {
    if (event.button === 0) pointers.set(event.pointerId, event);
    moved = false;
  });
  frame.addEventListener("pointermove", (event) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
    if (pointers.size === 2) {
      const [other] = [...pointers.values()].filter((one) => one.pointerId !== event.pointerId);
      const apart = (one) =>
        Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      zoomBy(apart(event) / apart(before),
             (event.clientX + other.clientX) / 2, (event.clientY + other.clientY) / 2);
    } else {
      if (!moved && Math.hypot(dx, dy) < 4) return;
      if (!moved && event.pointerType === "mouse") frame.setPointerCapture(event.pointerId);
      moved = true;
      moveBy(dx, dy, event.pointerType);
    }
    pointers.set(event.pointerId, event);
  });
  for (const end of ["pointerup", "pointercancel", "pointerleave"]) {
    frame.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  // The end of a drag is no click on what happens to be there.
  frame.addEventListener("click", (event) => { if (moved) event.stopPropagation(); },
                         { capture: true });
}

export function view(frame) {
  const svg = frame.querySelector("svg");
  const { width, height } = svg.viewBox.baseVal;
  const shown = element("span", { class: "scale" });
  let scale = 1;
  let chosen = null;  // the scale that the reader has chosen; null for as much as fits

  function scaleTo(to, x, y) {
    const around = frame.getBoundingClientRect();
    x ??= around.left + frame.clientWidth / 2;
    y ??= around.top + frame.clientHeight / 2;
    const before = svg.getBoundingClientRect();
    const across = (x - before.left) / before.width;
    const down = (y - before.top) / before.height;
    scale = Math.min(LARGEST, Math.max(SMALLEST, to));
    svg.style.width = `${width * scale}px`;
    svg.style.height = `${height * scale}px`;
    const after = svg.getBoundingClientRect();
    frame.scrollLeft += after.left + across * after.width - x;
    frame.scrollTop += after.top + down * after.height - y;
    shown.textContent = `${Math.round(100 * scale)} %`;
  }

  const least = ([usual, onPhones]) => (frame.clientWidth < NARROW ? onPhones : usual);

  function fitting(across, down) {
    const most = parseFloat(getComputedStyle(frame).maxHeight) || Infinity;
    return Math.min(1, frame.clientWidth / across, most / down);
  }

  function fit() {
    chosen = null;
    scaleTo(fitting(width, height));
  }

  function choose(to, x, y) {
    scaleTo(to, x, y);
    chosen = scale;
  }

  // Where groups lie, in units of the picture: measured once, so that a step costs no layout.
  const places = new Map();
  function placeOf(group) {
    if (!places.has(group)) {
      const [box, all] = [group.getBoundingClientRect(), svg.getBoundingClientRect()];
      const [left, right] = [box.left, box.right].map((x) => (x - all.left) / scale);
      const [top, bottom] = [box.top, box.bottom].map((y) => (y - all.top) / scale);
      places.set(group, { left, top, right, bottom });
    }
    return places.get(group);
  }

  function extent(groups) {
    const found = groups.map(placeOf);
    const [left, top] = ["left", "top"].map((side) => Math.min(...found.map((box) => box[side])));
    const [right, bottom] =
      ["right", "bottom"].map((side) => Math.max(...found.map((box) => box[side])));
    return { left, top, right, bottom };
  }

  // The scroll at which an interval is seen: as it is, or with the interval in the middle.
  function scrolled(now, room, low, high) {
    return low >= now && high <= now + room ? now : (low + high - room) / 2;
  }

  // Show all of some groups: where they lie, and smaller if they do not fit otherwise.
  function reveal(groups) {
    const [across, down] = [frame.clientWidth, frame.clientHeight];
    if (!groups.length || !across) return;
    let box = extent(groups);
    const fits = Math.min((across - 24) / (box.right - box.left),
                          (down - 24) / (box.bottom - box.top));
    const wanted = chosen ?? scale;
    const to = Math.min(wanted, Math.max(fits, Math.min(wanted, least(LEGIBLE))));
    if (to > fits) box = extent(groups.slice(0, 1));  // the one that the others belong to
    if (to !== scale) scaleTo(to);
    const [x, y] = [frame.scrollLeft, frame.scrollTop];
    const left = scrolled(x, across, box.left * scale, box.right * scale);
    const top = scrolled(y, down, box.top * scale, box.bottom * scale);
    if (left !== x) frame.scrollLeft = left;
    if (top !== y) frame.scrollTop = top;
  }

  function open() {
    const whole = fitting(width, height);
    if (whole >= least(READABLE)) return fit();
    choose(1);
    const root = svg.querySelector(".root") ?? svg.querySelector("[data-node]:last-of-type");
    if (root) reveal([root]);
  }

  svg.style.maxWidth = "none";  // JupyterLab's rule would shrink it to the cell
  zoomable(frame, shown, {
    fit, full: () => choose(1), zoomBy: (factor, x, y) => choose(scale * factor, x, y),
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    choose(scale * wheeled(event), event.clientX, event.clientY);
  }, { passive: false });

  // One pointer of a mouse moves the picture; two fingers zoom it (one scrolls by itself).
  dragged(frame, {
    zoomBy: (factor, x, y) => choose(scale * factor, x, y),
    moveBy: (dx, dy, type) => {
      if (type !== "mouse") return;
      frame.scrollLeft -= dx;
      frame.scrollTop -= dy;
    },
  });

  // A page or a cell that is hidden at first has no sizes until it is shown.
  let opened = null;
  const resized = new ResizeObserver(() => {
    if (!frame.clientWidth) return;
    if (opened === null) {
      opened = frame.clientWidth;
      open();
      ready.forEach((act) => act());
    } else if (opened !== frame.clientWidth) {
      opened = frame.clientWidth;
      if (chosen === null) fit();
    }
  });
  const ready = [];
  resized.observe(frame);
  return {
    reveal,
    whenShown: (act) => (opened === null ? ready.push(act) : act()),
    unmount: () => resized.disconnect(),
  };
}

export function viewAll() {
  for (const frame of document.querySelectorAll(".glassgrad-view:not([data-live])")) {
    frame.dataset.live = "";
    view(frame);
  }
}
