// How many users to contact: what is expected of the first users of a list. Without a script a card tells of 10 %.
(() => {
  const root = document.documentElement;
  document.getElementById("theme").addEventListener("click", () => {
    const dark = root.style.colorScheme ? root.style.colorScheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.style.colorScheme = dark ? "light" : "dark";
  });
  root.classList.add("has-script");
  const EXPECTED = 1, LOW = 2, HIGH = 3;
  const show = (x) => x.toLocaleString("en-US", { maximumFractionDigits: Math.abs(x) < 10 ? 1 : 0 });
  const percent = (x) => (100 * x).toFixed(x > 0 && x < 0.00995 ? 2 : 1) + "%";
  const along = (points, at, column) => {
    const i = Math.max(1, points.findIndex(([x]) => x >= at));
    const [a, b] = [points[i - 1], points[i]];
    return a[column] + ((b[column] - a[column]) * (at - a[0])) / (b[0] - a[0]);
  };
  const mark = (group, share) => {
    const [left, right, floor, top] = JSON.parse(group.dataset.frame);
    const x = left + (right - left) * share, y = floor + (top - floor) * along(JSON.parse(group.dataset.curve), share, 1);
    const [line, dot] = group.children;
    for (const [name, value] of [["x1", x], ["x2", x], ["y1", y]]) line.setAttribute(name, value);
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", y);
  };
  const follow = (card) => {
    const curve = JSON.parse(card.dataset.curve), [n, total] = curve[curve.length - 1];
    const ask = (name) => card.querySelector(`[data-asks=${name}]`), use = card.querySelector("button");
    const marks = [...document.querySelectorAll("[data-marks]")].filter((group) => group.dataset.marks === card.dataset.contact);
    let k = Number(card.dataset.chosen);
    const profit = (size) => along(curve, size, EXPECTED) * Number(ask("gain").value) - size * Number(ask("cost").value);
    const best = () => curve.reduce((found, [size]) => (profit(size) > profit(found) ? size : found), 0);
    const part = (value) => (total > 0 ? ((100 * value) / total).toFixed(0) + "%" : "–");
    const tell = () => {
      const [expected, low, high] = [EXPECTED, LOW, HIGH].map((column) => along(curve, k, column));
      const told = {
        users: show(k) + (k === 1 ? " user" : " users"), expected: show(expected), likely: show(low) + "–" + show(high),
        random: show((total * k) / n), rate: percent(expected / k), mean: show(expected / k),
        lift: total > 0 ? ((expected / total) * (n / k)).toFixed(1) + "×" : "–",
        reach: part(expected), reached: (total > 0 ? part(low) + "–" : "") + part(high),
      };
      if (!use) return told;
      const size = best();
      use.hidden = !size;
      return { ...told, profit: show(profit(k)), best: size ? `${show(size)} users for ${show(profit(size))}` : "nobody, it does not pay" };
    };
    const update = () => {
      for (const [name, text] of Object.entries(tell()))
        for (const place of card.querySelectorAll(`[data-shows=${name}]`)) place.textContent = text;
      for (const group of marks) mark(group, k / n);
    };
    ask("depth").addEventListener("input", (event) => {
      k = Math.min(n, Math.max(1, Math.round((n * event.target.value ** 2) / 1e6)));
    });
    card.addEventListener("input", update);
    use?.addEventListener("click", () => {
      k = best();
      ask("depth").value = Math.round(1000 * Math.sqrt(k / n));
      update();
    });
    update();
  };
  document.querySelectorAll("[data-contact]").forEach(follow);
})();
