"use strict";
const question = document.getElementById("question");
const said = document.getElementById("said");
const picture = document.querySelector(".picture");
const rows = Array.from(document.querySelectorAll("tbody tr"), (row) => ({
  row,
  text: Array.from(row.cells, (cell) => cell.textContent.toLowerCase()).join(" "),
  person: row.cells[0].textContent,
  marks: row.dataset.marks.split(" "),
  nodes: row.dataset.nodes.split(" "),
}));
const marks = new Set(rows.flatMap((each) => each.marks));
const nodes = Array.from(document.querySelectorAll("[data-node]"));
const ways = Array.from(document.querySelectorAll("[data-ends]"));
const everything = said.textContent;
const NAMED = 8;

// A word that is a mark, such as admin, means the mark, and not a group that is called so.
function fits(each, word) {
  return marks.has(word) ? each.marks.includes(word) : each.text.includes(word);
}

function counted(number, one, many) {
  return number + " " + (number === 1 ? one : many);
}

function told(people, ways) {
  const names = Array.from(people);
  const rest = names.length > NAMED ? " and " + (names.length - NAMED) + " more" : "";
  const who = names.length ? ": " + names.slice(0, NAMED).join(", ") + rest : "";
  return counted(names.length, "person", "people") + ", " + counted(ways, "way", "ways") + " in" + who;
}

function answer() {
  const asked = question.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((each) => asked.every((word) => fits(each, word)));
  const lit = new Set(found.flatMap((each) => each.nodes));
  const pairs = new Set();
  for (const each of found) {
    const [person, ...groups] = each.nodes;
    const role = groups.pop();
    groups.forEach((group) => pairs.add(person + " " + group).add(group + " " + role));
  }
  const all = asked.length === 0;
  rows.forEach((each) => { each.row.hidden = !found.includes(each); });
  nodes.forEach((node) => node.classList.toggle("dim", !all && !lit.has(node.dataset.node)));
  ways.forEach((way) => way.classList.toggle("dim", !all && !pairs.has(way.dataset.ends)));
  said.textContent = all ? everything : told(new Set(found.map((each) => each.person)), found.length);
  show(all ? undefined : nodes.filter((node) => lit.has(node.dataset.node)).pop());
}

// Scroll the picture, and not the page, so that the node is in its middle.
function show(node) {
  const frame = picture.getBoundingClientRect();
  const place = node ? node.getBoundingClientRect() : frame;
  const left = place.left + place.width / 2 - frame.left - frame.width / 2;
  const top = place.top + place.height / 2 - frame.top - frame.height / 2;
  picture.scrollTo(node ? { left: picture.scrollLeft + left, top: picture.scrollTop + top } : { left: 0, top: 0 });
}

question.addEventListener("input", answer);
question.form.addEventListener("submit", (event) => event.preventDefault());
for (const node of nodes) {
  node.addEventListener("click", () => {
    question.value = node.querySelector("text").textContent.replace(/…$/, "");
    answer();
  });
}
