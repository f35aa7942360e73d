(() => {
  "use strict";
  const root = document.getElementById("animation");
  const record = JSON.parse(document.getElementById("animation-data").textContent);
  const byId = (name) => document.getElementById(name);
  const play = byId("play"), slider = byId("moment"), speed = byId("speed");
  const clock = byId("clock"), count = byId("count");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const POINTS = 60, STEPS = 60, RADIUS = 4.5;
  let now = 0, isPlaying = false, last = 0, timer = 0, shown = 0, isVisible = false, wasStopped = false;

  const formatOf = (zone) => new Intl.DateTimeFormat(record.language === "ru" ? "ru-RU" : "en-GB", {
    timeZone: zone, weekday: "short", day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
  let format;
  // A browser may not know every zone; then its clock says that it shows universal time.
  try { format = formatOf(record.zone); } catch { format = formatOf("UTC"); byId("zone").textContent = "UTC"; }

  // Lines as points, so that no frame has to walk along a path.
  const views = record.runs.map((run, number) => {
    const svg = root.querySelector(`.run-${number} .process-map`);
    const boxes = [...svg.querySelectorAll(".node rect, .end rect")].map((rect) => rect.getBBox());
    const paths = [...svg.querySelectorAll(".edge .line")];
    const lines = new Map();
    run.lines.forEach(([from, to], place) => {
      const path = paths[place], length = path.getTotalLength();
      lines.set(`${from} ${to}`, Array.from({ length: POINTS + 1 }, (_, n) => {
        const point = path.getPointAtLength(length * n / POINTS);
        return [point.x, point.y];
      }));
    });
    return { svg, canvas: root.querySelector(`.run-${number} canvas`), boxes, lines, cases: run.cases };
  });

  const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];

  function onLine(view, from, to, share) {
    const points = view.lines.get(`${from} ${to}`) || [middle(view.boxes[from]), middle(view.boxes[to])];
    const at = Math.min(Math.max(share, 0), 1) * (points.length - 1), before = Math.min(Math.floor(at), points.length - 2);
    const [x, y] = points[before], [nextX, nextY] = points[before + 1], rest = at - before;
    return [x + (nextX - x) * rest, y + (nextY - y) * rest];
  }

  // Where a case is: at every activity being worked on, else on the line to the next one.
  function placesOf(view, [arrived, closed, , rows], number, taken) {
    if (now < arrived || (closed !== null && now >= closed)) return [];
    const found = [];
    let from = 0, left = arrived, to = -1, reached = Infinity;
    for (let place = 0; place < rows.length; place += 3) {
      const box = rows[place], start = rows[place + 1], end = rows[place + 2];
      if (start <= now && (end === null || now < end)) {
        const at = view.boxes[box], order = taken.get(box) || 0, row = Math.max(1, Math.floor((at.width - 8) / 10));
        taken.set(box, order + 1);
        found.push([at.x + 9 + 10 * (order % row), at.y + at.height + 1 + 9 * Math.floor(order / row)]);
      } else if (start > now && start < reached) { to = box; reached = start; }
      else if (end !== null && end <= now && end >= left) { from = box; left = end; }
    }
    if (found.length) return found;
    const isLast = to < 0;
    if (isLast) { to = view.boxes.length - 1; reached = closed === null ? record.seconds : closed; }
    const [x, y] = onLine(view, from, to, reached > left ? (now - left) / (reached - left) : 1);
    const aside = (number * 7) % 5 - 2;
    return [[x + aside, y + aside / 2]];
  }

  function draw() {
    const view = views[shown], { canvas, svg } = view;
    const frame = svg.getBoundingClientRect(), density = window.devicePixelRatio || 1;
    const width = Math.round(frame.width * density), height = Math.round(frame.height * density);
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    const context = canvas.getContext("2d"), style = getComputedStyle(root), base = svg.viewBox.baseVal;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    const scale = width / base.width, radius = Math.max(RADIUS, 3 * density / scale);
    context.setTransform(scale, 0, 0, scale, -base.x * scale, -base.y * scale);
    context.strokeStyle = style.getPropertyValue("--surface").trim();
    context.lineWidth = 1.5;
    const colours = [style.getPropertyValue("--bar-open").trim(), style.getPropertyValue("--problem").trim()];
    const taken = new Map();
    let open = 0;
    view.cases.forEach((one, number) => {
      const isLate = one[2] !== null && now > one[2];
      const places = placesOf(view, one, number, taken);
      if (places.length) open += 1;
      for (const [x, y] of places) {
        context.fillStyle = colours[isLate ? 1 : 0];
        context.beginPath();
        if (isLate) context.rect(x - radius, y - radius, 2 * radius, 2 * radius);
        else context.arc(x, y, radius, 0, 2 * Math.PI);
        context.fill();
        context.stroke();
      }
    });
    const text = format.format(new Date(record.start_ms + now * 1000));
    clock.textContent = text;
    count.textContent = open.toLocaleString(record.language);
    slider.value = String(Math.round(now / record.seconds * 1000));
    // While it runs, the slider would speak without end.
    if (!isPlaying) slider.setAttribute("aria-valuetext", text);
  }

  function go(seconds) {
    now = Math.min(Math.max(seconds, 0), record.seconds);
    draw();
  }

  function move(time) {
    if (!isPlaying) return;
    const passed = last ? Math.min(time - last, 100) / 1000 : 0;
    last = time;
    go(now + passed * record.seconds / Number(speed.value));
    if (now >= record.seconds) stop();
    else requestAnimationFrame(move);
  }

  // Without motion, playing shows one still picture a second.
  function jump() {
    step(1);
    if (now >= record.seconds) stop();
  }

  function step(direction) {
    go(now + direction * record.seconds / STEPS);
  }

  function start() {
    if (now >= record.seconds) now = 0;
    isPlaying = true;
    last = 0;
    play.textContent = play.dataset.pause;
    if (still.matches) timer = setInterval(jump, 1000);
    else requestAnimationFrame(move);
  }

  function stop() {
    isPlaying = false;
    clearInterval(timer);
    play.textContent = play.dataset.play;
    draw();
  }

  play.addEventListener("click", () => {
    wasStopped = isPlaying;
    if (isPlaying) stop(); else start();
  });
  byId("back").addEventListener("click", () => { wasStopped = true; stop(); step(-1); });
  byId("forward").addEventListener("click", () => { wasStopped = true; stop(); step(1); });
  slider.addEventListener("input", () => { wasStopped = true; stop(); go(Number(slider.value) / 1000 * record.seconds); });
  still.addEventListener("change", () => { if (isPlaying) stop(); });
  document.addEventListener("change", (event) => {
    if (event.target.name === "run") shown = Number(event.target.value);
    if (event.target.name === "run" || event.target.name === "theme") draw();
  });
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", draw);
  }
  addEventListener("resize", draw);
  shown = Number(root.querySelector("[name=run]:checked")?.value || 0);
  root.querySelector(".player").hidden = false;
  draw();

  // It begins when it comes into sight, stops when it leaves it, and never begins where motion is not wanted.
  new IntersectionObserver(([entry]) => {
    isVisible = entry.isIntersecting;
    if (!isVisible && isPlaying) stop();
    else if (isVisible && !isPlaying && !wasStopped && !still.matches && now < record.seconds) start();
  }, { threshold: 0.05 }).observe(views[shown].svg.closest(".canvas").parentElement.parentElement);
})();
