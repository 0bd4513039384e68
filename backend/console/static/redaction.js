// Redaction: take selected words into the form; draw, move and size areas on a picture. The fields are what is sent.
const STEP = 8;
const KEYS = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] };
const NAMES = ["x", "y", "width", "height"];

const take = document.querySelector("[data-take-selection]");
if (take) {
  const texts = document.querySelector("[data-texts]");
  const words = document.querySelector("[data-words]");
  let chosen = "";
  document.addEventListener("selectionchange", () => {
    const selection = document.getSelection();
    const within = texts?.contains(selection.anchorNode) && texts.contains(selection.focusNode);
    const text = within ? selection.toString().replace(/\s+/g, " ").trim() : "";
    if (text) chosen = text;
    take.hidden = !chosen;
  });
  take.addEventListener("click", () => {
    words.value = [...words.value.split("\n").filter(Boolean), chosen].join("\n");
    chosen = "";
    take.hidden = true;
    words.focus();
  });
}

const cover = document.querySelector("[data-cover]");
if (cover) begin();

function begin() {
  const list = document.querySelector("[data-areas]");
  const size = [Number(cover.dataset.width), Number(cover.dataset.height)];
  const add = document.querySelector("[data-add-area]");
  cover.classList.add("drawing");
  document.querySelector("[data-drawing]").hidden = false;
  add.hidden = false;
  for (const area of [...list.querySelectorAll("[data-area]")].slice(1)) if (!read(area)) area.remove();
  list.addEventListener("input", show);
  add.addEventListener("click", () => {
    const middle = [size[0] * 0.4, size[1] * 0.4, size[0] * 0.2, size[1] * 0.2];
    const area = free();
    write(area, middle);
    show();
    boxOf(area).focus();
  });
  cover.addEventListener("pointerdown", press);
  show();

  function field(area, name) {
    return area.querySelector(`[name=${name}]`);
  }

  function read(area) {
    const values = NAMES.map((name) => field(area, name).value);
    const numbers = values.map(Number);
    return values.every((value) => value !== "") && numbers[2] > 0 && numbers[3] > 0 ? numbers : null;
  }

  function write(area, numbers) {
    const [x, y, width, height] = numbers.map(Math.round);
    const left = Math.min(Math.max(x, 0), size[0] - 1);
    const top = Math.min(Math.max(y, 0), size[1] - 1);
    const kept = [left, top, Math.max(1, Math.min(width, size[0] - left)), Math.max(1, Math.min(height, size[1] - top))];
    NAMES.forEach((name, index) => (field(area, name).value = kept[index]));
  }

  function free() {
    const areas = [...list.querySelectorAll("[data-area]")];
    const empty = areas.find((area) => NAMES.every((name) => field(area, name).value === ""));
    if (empty) return empty;
    const another = areas[0].cloneNode(true);
    NAMES.forEach((name) => (field(another, name).value = ""));
    another.querySelector("legend").textContent = cover.dataset.name.replace("{number}", areas.length + 1);
    list.append(another);
    return another;
  }

  function boxOf(area) {
    return cover.querySelectorAll(".box")[[...list.querySelectorAll("[data-area]")].filter(read).indexOf(area)];
  }

  function show() {
    const areas = [...list.querySelectorAll("[data-area]")].filter(read);
    const boxes = [...cover.querySelectorAll(".box")];
    for (const box of boxes.slice(areas.length)) box.remove();
    areas.forEach((area, index) => {
      const box = boxes[index] ?? cover.appendChild(made());
      const [x, y, width, height] = read(area);
      box.area = area;
      box.setAttribute("aria-label", area.querySelector("legend").textContent);
      box.style.left = `${(100 * x) / size[0]}%`;
      box.style.top = `${(100 * y) / size[1]}%`;
      box.style.width = `${(100 * width) / size[0]}%`;
      box.style.height = `${(100 * height) / size[1]}%`;
    });
  }

  function made() {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "box";
    box.addEventListener("keydown", key);
    return box;
  }

  // Arrows move an area, with Shift they size it, Delete takes it away.
  function key(event) {
    const area = event.currentTarget.area;
    if (event.key === "Delete" || event.key === "Backspace") {
      NAMES.forEach((name) => (field(area, name).value = ""));
    } else if (KEYS[event.key]) {
      const [right, down] = KEYS[event.key];
      const [x, y, width, height] = read(area);
      write(area, event.shiftKey ? [x, y, width + right, height + down] : [x + right, y + down, width, height]);
    } else return;
    event.preventDefault();
    show();
  }

  function at(event) {
    const frame = cover.querySelector("img").getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * size[0],
      ((event.clientY - frame.top) / frame.height) * size[1],
    ];
  }

  function press(event) {
    if (event.button) return;
    event.preventDefault();
    const from = at(event);
    const box = event.target.closest(".box");
    const area = box ? box.area : null;
    const old = area && read(area);
    let drawn = area;
    box?.focus();
    const move = (moved) => {
      const to = at(moved);
      const way = [to[0] - from[0], to[1] - from[1]];
      if (!old && Math.hypot(...way) < 4) return;
      drawn ??= free();
      if (old) write(drawn, [old[0] + way[0], old[1] + way[1], old[2], old[3]]);
      else write(drawn, [Math.min(from[0], to[0]), Math.min(from[1], to[1]), Math.abs(way[0]), Math.abs(way[1])]);
      show();
    };
    const end = () => {
      cover.removeEventListener("pointermove", move);
      cover.removeEventListener("pointerup", end);
      cover.removeEventListener("pointercancel", end);
    };
    cover.setPointerCapture(event.pointerId);
    cover.addEventListener("pointermove", move);
    cover.addEventListener("pointerup", end);
    cover.addEventListener("pointercancel", end);
  }
}
