// The contact card: positives to expect among the first n users of the list. Without a script the card shows 10 %.
(() => {
  const card = document.getElementById("contact"), curve = JSON.parse(card.dataset.curve), total = Number(card.dataset.expected);
  const n = curve[curve.length - 1][0], $ = (id) => document.getElementById(id);
  const show = (x) => x.toLocaleString("en-US", { maximumFractionDigits: x < 10 ? 1 : 0 });
  const expected = (k) => {
    let i = curve.findIndex(([at]) => at >= k);
    if (i <= 0) return (curve[0][1] * k) / curve[0][0];
    const [[a, low], [b, high]] = [curve[i - 1], curve[i]];
    return low + ((high - low) * (k - a)) / (b - a);
  };
  const update = () => {
    const k = Math.max(1, Math.round((n * $("range").value ** 2) / 1e6)), hits = expected(k);
    $("n").textContent = show(k) + " users";
    $("hits").textContent = show(hits);
    $("random").textContent = show((total * k) / n);
    $("rate").textContent = ((100 * hits) / k).toFixed(1) + " %";
    $("lift").textContent = (hits / k / (total / n)).toFixed(1) + "×";
    $("reach").textContent = ((100 * hits) / total).toFixed(0) + " %";
    const profit = (size) => expected(size) * Number($("gain").value) - size * Number($("cost").value);
    const best = curve.reduce((found, [size]) => (profit(size) > profit(found) ? size : found), 1);
    $("profit").textContent = show(profit(k));
    $("best").textContent = profit(best) > 0 ? `${show(best)} users for ${show(profit(best))}` : "nobody: it does not pay";
  };
  for (const id of ["range", "cost", "gain"]) $(id).addEventListener("input", update);
  document.documentElement.classList.add("has-script");
  update();
})();
