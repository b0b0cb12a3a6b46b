"use strict";
const question = document.getElementById("question");
const answer = document.getElementById("answer");
const picture = document.querySelector(".picture");
const svg = picture.querySelector("svg");
const rows = Array.from(document.querySelectorAll("tbody tr"), (row) => ({
  row,
  text: Array.from(row.cells, (cell) => cell.textContent.toLowerCase()).join(" "),
  person: row.cells[0].textContent,
  marks: row.dataset.marks.split(" "),
  nodes: row.dataset.nodes.split(" "),
}));
const marks = new Set(rows.flatMap((each) => each.marks));
const boxes = Array.from(svg.querySelectorAll("[data-node]"), (node) => {
  const rect = node.querySelector("rect.body");
  return { node, key: node.dataset.node, column: node.dataset.column, frame: node.dataset.frame, ...sides(rect) };
}).sort((one, other) => one.y - other.y);
const frames = Array.from(svg.querySelectorAll(".frame"), (node) => {
  const rect = node.querySelector("rect");
  return { node, rect, number: node.dataset.frame, ...sides(rect) };
});
const lines = Array.from(svg.querySelectorAll("[data-ends]"), (path) => ({ path, whole: path.getAttribute("d") }));
const wholeHeight = Number(svg.getAttribute("height"));
const width = Number(svg.getAttribute("width"));
const everything = answer.textContent;
const NAMED = 8;
const TOP = 124;
const GAP = 14;
const MARGIN = 20;
const FRAME_HEAD = 30;
const FRAME_FOOT = 10;

function sides(rect) {
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
  return { x, y, width, height, top: y };
}

// A word that is a mark, such as admin, means the mark, and not a group that is called so.
function fits(each, word) {
  return marks.has(word) ? each.marks.includes(word) : each.text.includes(word);
}

function counted(number, one, many) {
  return number + " " + (number === 1 ? one : many);
}

function summary(people, ways) {
  const names = Array.from(people);
  const rest = names.length > NAMED ? " and " + (names.length - NAMED) + " more" : "";
  const who = names.length ? ": " + names.slice(0, NAMED).join(", ") + rest : "";
  return counted(names.length, "person", "people") + ", " + counted(ways, "way", "ways") + " in" + who;
}

// Boxes of one column below each other; returns where the next one would begin.
function stack(column, top) {
  return column.reduce((y, box) => {
    box.top = y;
    return y + box.height + GAP;
  }, top);
}

// Groups near the roles, and people near the groups, that they are joined to: few lines cross.
function order(shown, pairs) {
  const joined = new Map(shown.map((box) => [box.key, []]));
  for (const pair of pairs) {
    const [left, right] = pair.split(" ");
    joined.get(left).push(right);
  }
  const place = new Map(shown.filter((box) => box.column === "2").map((box, at) => [box.key, at]));
  for (const column of ["1", "0"]) {
    const boxes = shown.filter((box) => box.column === column);
    for (const box of boxes) {
      const ends = joined.get(box.key);
      box.mean = ends.reduce((sum, key) => sum + place.get(key), 0) / (ends.length || 1);
    }
    boxes.sort((one, other) => one.mean - other.mean).forEach((box, at) => place.set(box.key, at));
  }
  return [...shown].sort((one, other) => place.get(one.key) - place.get(other.key));
}

// What matches is laid out anew from the top, and the rest is hidden.
function place(shown) {
  const bottoms = ["0", "1"].map((column) => stack(shown.filter((box) => box.column === column), TOP));
  let y = TOP;
  for (const frame of frames) {
    const roles = shown.filter((box) => box.frame === frame.number);
    frame.node.classList.toggle("off", roles.length === 0);
    if (roles.length === 0) continue;
    frame.top = y;
    const bottom = stack(roles, y + FRAME_HEAD) - GAP + FRAME_FOOT;
    frame.rect.setAttribute("height", bottom - y);
    y = bottom + GAP + FRAME_FOOT;
  }
  return Math.max(y, ...bottoms) - GAP + MARGIN;
}

function restore() {
  for (const each of [...boxes, ...frames]) each.top = each.y;
  for (const frame of frames) {
    frame.node.classList.remove("off");
    frame.rect.setAttribute("height", frame.height);
  }
  return wholeHeight;
}

function draw(shown, pairs, all) {
  const height = all ? restore() : place(order(shown, pairs));
  const visible = new Map(shown.map((box) => [box.key, box]));
  for (const each of [...boxes, ...frames]) {
    if (each.top === each.y) each.node.removeAttribute("transform");
    else each.node.setAttribute("transform", "translate(0 " + (each.top - each.y) + ")");
  }
  for (const box of boxes) box.node.classList.toggle("off", !visible.has(box.key));
  for (const { path, whole } of lines) {
    const on = !all && pairs.has(path.dataset.ends);
    path.classList.toggle("on", on);
    path.classList.toggle("off", !all && !on);
    path.setAttribute("d", on ? curve(...path.dataset.ends.split(" ").map((key) => visible.get(key))) : whole);
  }
  svg.setAttribute("height", height);
  svg.setAttribute("viewBox", "0 0 " + width + " " + height);
  // On a narrow screen the roles are what was asked for.
  picture.scrollTo(all ? 0 : picture.scrollWidth, 0);
}

function curve(start, end) {
  const [x0, y0] = [start.x + start.width, start.top + start.height / 2];
  const [x1, y1] = [end.x, end.top + end.height / 2];
  const half = (x0 + x1) / 2;
  return "M" + x0 + " " + y0 + "C" + half + " " + y0 + " " + half + " " + y1 + " " + x1 + " " + y1;
}

function search() {
  const words = question.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = words.length === 0;
  const matches = rows.filter((each) => words.every((word) => fits(each, word)));
  const keys = new Set(matches.flatMap((each) => each.nodes));
  const pairs = new Set();
  for (const each of matches) {
    const [person, ...groups] = each.nodes;
    const role = groups.pop();
    groups.forEach((group) => pairs.add(person + " " + group).add(group + " " + role));
  }
  const visibleRows = new Set(matches);
  rows.forEach((each) => { each.row.hidden = !visibleRows.has(each); });
  draw(all ? boxes : boxes.filter((box) => keys.has(box.key)), pairs, all);
  answer.textContent = all ? everything : summary(new Set(matches.map((each) => each.person)), matches.length);
}

question.addEventListener("input", search);
question.form.addEventListener("submit", (event) => event.preventDefault());
for (const { node } of boxes) {
  node.addEventListener("click", () => {
    question.value = node.querySelector("text").textContent.replace(/…$/, "");
    search();
  });
}
