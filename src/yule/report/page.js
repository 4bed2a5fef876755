// The contact card: positives to expect among the first users of the list. Without a script the card shows 10 %.
(() => {
  const $ = (id) => document.getElementById(id), root = document.documentElement;
  $("theme").addEventListener("click", () => {
    const dark = root.style.colorScheme ? root.style.colorScheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.style.colorScheme = dark ? "light" : "dark";
  });
  root.classList.add("has-script");
  const card = $("contact");
  if (!card) return;
  const curve = JSON.parse(card.dataset.curve), total = Number(card.dataset.expected);
  const n = curve[curve.length - 1][0], EXPECTED = 1, LOW = 2, HIGH = 3;
  const show = (x) => x.toLocaleString("en-US", { maximumFractionDigits: Math.abs(x) < 10 ? 1 : 0 });
  const along = (points, at, column) => {
    const i = points.findIndex(([x]) => x >= at);
    if (i <= 0) return points[0][0] > 0 ? (points[0][column] * at) / points[0][0] : points[0][column];
    const [a, b] = [points[i - 1], points[i]];
    return a[column] + ((b[column] - a[column]) * (at - a[0])) / (b[0] - a[0]);
  };
  const chosen = () => Math.min(n, Math.max(1, Math.round((n * $("range").value ** 2) / 1e6)));
  const profit = (size) => along(curve, size, EXPECTED) * Number($("gain").value) - size * Number($("cost").value);
  const best = () => curve.reduce((found, [size]) => (profit(size) > profit(found) ? size : found), curve[0][0]);
  const mark = (share) => {
    const group = $("marker"), [left, right, floor, top] = JSON.parse(group.dataset.frame);
    const x = left + (right - left) * share, y = floor + (top - floor) * along(JSON.parse(group.dataset.curve), share, 1);
    const [line, dot] = group.children;
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", y]]) line.setAttribute(name, value);
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
  };
  const update = () => {
    const k = chosen(), hits = along(curve, k, EXPECTED), size = best(), pays = profit(size) > 0;
    $("n").textContent = show(k) + (k === 1 ? " user" : " users");
    $("hits").textContent = show(hits);
    $("likely").textContent = show(along(curve, k, LOW)) + "–" + show(along(curve, k, HIGH));
    $("random").textContent = show((total * k) / n);
    $("rate").textContent = ((100 * hits) / k).toFixed(1) + "%";
    $("lift").textContent = (hits / k / (total / n)).toFixed(1) + "×";
    $("reach").textContent = ((100 * hits) / total).toFixed(0) + "%";
    $("profit").textContent = show(profit(k));
    $("best").textContent = pays ? `${show(size)} users for ${show(profit(size))}` : "nobody, it does not pay";
    $("use").hidden = !pays;
    mark(k / n);
  };
  for (const id of ["range", "cost", "gain"]) $(id).addEventListener("input", update);
  $("use").addEventListener("click", () => {
    $("range").value = Math.round(1000 * Math.sqrt(best() / n));
    update();
  });
  update();
})();
