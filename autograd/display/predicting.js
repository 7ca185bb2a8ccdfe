// Predicting: the learner types the next number before it is shown, and mistakes are named.

const NEAR = 5e-3;  // of a number, for answers of three digits

// "0.25", "-1e3" or "1/3".
function read(text) {
  const [numerator, denominator = "1", ...more] = text.split("/").map((part) => part.trim());
  return more.length || !numerator || !denominator ? NaN : Number(numerator) / Number(denominator);
}

export function judge({ answer, mistakes }, text) {
  const x = read(text);
  if (!Number.isFinite(x)) return { right: false, told: "type a number, such as 0.25 or 1/3" };
  const near = (y) => Math.abs(x - y) <= NEAR * Math.max(Math.abs(x), Math.abs(y));
  if (near(answer)) return { right: true, told: "right" };
  const [, named] = mistakes.find(([y]) => near(y)) ?? [];
  return { right: false, told: named ?? (x > answer ? "it is smaller" : "it is larger") };
}

// Ask one question after the other, in the place of what they are about; then go on.
export function ask(place, questions, done) {
  const [question, ...rest] = questions;
  if (!question) return done();
  const field = element("input", { type: "text", inputmode: "decimal", autocomplete: "off",
                                   "aria-label": "Your number" });
  const told = element("span", { role: "status", "aria-live": "polite", class: "told" });
  const button = (text, type, act) => {
    const made = element("button", { type }, text);
    made.addEventListener("click", act);
    return made;
  };
  const form = element("form", { class: "question" }, element("strong", {}, question.text),
    element("div", {}, field, button("Check", "submit", () => {}),
            button("Show", "button", done)), told);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const verdict = judge(question, field.value);
    told.textContent = verdict.told;
    if (verdict.right) ask(place, rest, done);
  });
  place.replaceChildren(form);
  field.focus();
}
