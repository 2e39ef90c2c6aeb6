"use strict";
(function () {
  const run = JSON.parse(document.getElementById("run").textContent);
  const encodes = run.encodes, nFrames = run.frames;
  const COLOURS = 8, BINS_MOST = 40, BINS_LEAST = 9, ROW_HEIGHT = 28, TABLE_HEIGHT = 460, ROWS_AROUND = 10;

  /* ---- small things ---- */
  const byId = (id) => document.getElementById(id);
  /* Everything from the run goes through text nodes and attributes; never through markup. */
  function make(name, attributes, ...children) {
    const svg = /^(svg|g|path|line|rect|circle|text|title|polyline)$/.test(name);
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {}))
      node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  const isNumber = (value) => typeof value === "number";
  /* As the log writes it. */
  function exact(value) {
    if (!isNumber(value))
      return "null";
    return run.precision > 6 ? String(value) : value.toFixed(value && Math.abs(value) < 1e-7 ? 16 : 6);
  }
  const brief = (value, digits = 2) => isNumber(value) ? value.toFixed(digits) : "–";
  const scoreDigits = run.score_is_percent ? 2 : 4;
  /* Values are those of every frame_step'th frame; `at` counts them. */
  const frameNumber = (at) => at * run.frame_step;
  function timeText(at) {
    if (!run.frame_rate)
      return "";
    const s = frameNumber(at) / run.frame_rate, minutes = Math.floor(s / 60), rest = (s - 60 * minutes).toFixed(2);
    return minutes + ":" + (rest < 10 ? "0" : "") + rest;
  }
  const frameText = (at) => "frame " + frameNumber(at) + (run.frame_rate ? " · " + timeText(at) : "");
  const baseName = (path) => path.replace(/^.*\/(?=[^/])/, "");
  /* What tells the encodes apart: file names without the beginning and the suffix that all have in common. */
  function tellApart(names) {
    const common = (texts) => {
      let n = 0;
      while (n < texts[0].length && texts.every((text) => text[n] === texts[0][n]))
        n++;
      return texts[0].slice(0, n);
    };
    const start = /^(.*[-_. ])?/.exec(common(names))[0].length;
    const suffix = names.map((name) => /(\.[^.]*)?$/.exec(name)[0]);
    const end = suffix.every((text) => text === suffix[0]) ? suffix[0].length : 0;
    const short = names.map((name) => name.slice(start, name.length - end));
    return short.every((name) => name) ? short : names;
  }
  const isUnique = (name, i, all) => all.indexOf(name) === all.lastIndexOf(name);
  function makeLabels() {
    const names = encodes.map((e) => baseName(e.path));
    if (names.length > 1 && names.every(isUnique))
      return tellApart(names);
    return names.map((name, i) => isUnique(name, i, names) ? name : encodes[i].path)
      .map((name, i, all) => isUnique(name, i, all) ? name : name + " (" + i + ")");
  }
  const labels = makeLabels();
  const colour = (i) => "var(--c" + i % COLOURS + ")";
  const dash = (i) => i < COLOURS ? "none" : "6 3";
  function swatch(i) {
    return make("svg", {width: 18, height: 10, "aria-hidden": "true"},
      make("line", {x1: 0, x2: 18, y1: 5, y2: 5, "stroke-width": 4, "stroke-dasharray": dash(i),
                    style: "stroke:" + colour(i)}));
  }
  function niceStep(span, count) {
    const raw = span / Math.max(1, count), power = 10 ** Math.floor(Math.log10(raw));
    return power * [1, 2, 2.5, 5, 10].find((f) => f * power >= raw * 0.999);
  }
  /* At least two, about `count`. */
  function ticks(low, high, count, whole) {
    let step = niceStep(high - low, count);
    if (whole)
      step = Math.max(1, Math.ceil(step));
    const list = [];
    for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++)
      list.push(k * step);
    if (list.length < 2 && count < 8 && !(whole && step === 1))
      return ticks(low, high, 2 * count, whole);
    let digits = 0;
    while (digits < 8 && Math.abs(step - Number(step.toFixed(digits))) > step * 1e-6)
      digits++;
    return {list, digits};
  }
  function extent(lists, from, to) {
    let low = Infinity, high = -Infinity;
    for (const values of lists)
      for (let i = from; i <= to; i++)
        if (isNumber(values[i])) {
          low = Math.min(low, values[i]);
          high = Math.max(high, values[i]);
        }
    return low > high ? [0, 1] : [low, high];
  }
  function padded([low, high], least) {
    const span = Math.max(high - low, least), middle = (low + high) / 2;
    return [Math.min(low, middle - span / 2) - span * 0.06, Math.max(high, middle + span / 2) + span * 0.06];
  }

  /* ---- what is shown ---- */
  const view = {from: 0, to: Math.max(1, nFrames - 1), hidden: new Set(), full: false};
  const shown = () => encodes.map((_, i) => i).filter((i) => !view.hidden.has(i));
  const redraws = [];
  let pending = false;
  function redraw() {
    if (pending)
      return;
    pending = true;
    requestAnimationFrame(() => {
      pending = false;
      redraws.forEach((draw) => draw());
    });
  }
  function showFrames(from, to) {
    const all = Math.max(1, nFrames - 1), span = Math.min(all, Math.max(Math.min(8, all), Math.round(to - from)));
    view.from = Math.max(0, Math.min(all - span, Math.round(from)));
    view.to = view.from + span;
    redraw();
  }
  function zoom(factor) {
    const middle = (view.from + view.to) / 2, half = (view.to - view.from) / 2 * factor;
    showFrames(middle - half, middle + half);
  }

  /* ---- the tip ---- */
  const tip = byId("tip");
  function showTip(x, y, heading, rows) {
    tip.replaceChildren(make("div", {class: "muted"}, heading), ...rows.map(([i, name, value]) =>
      make("div", {class: "row"}, ...(i === null ? [] : [swatch(i)]), make("span", {}, name), make("b", {}, value))));
    tip.hidden = false;
    const box = tip.getBoundingClientRect(), beside = x + 14 + box.width > innerWidth - 8 ? x - box.width - 14 : x + 14;
    tip.style.left = Math.max(8, Math.min(beside, innerWidth - box.width - 8)) + "px";
    tip.style.top = Math.max(8, Math.min(y + 14, innerHeight - box.height - 8)) + "px";
  }
  const hideTip = () => { tip.hidden = true; };

  /* ---- a frame of axes ---- */
  function axes(host, height, x, y, titles) {
    const small = height < 160, width = Math.max(200, host.clientWidth);
    const yTicks = ticks(y[0], y[1], small ? 3 : 5);
    const yText = yTicks.list.map((v) => v.toFixed(yTicks.digits) + (titles.unitY || ""));
    const left = 12 + 7 * Math.max(...yText.map((t) => t.length), 2), right = width - 10, top = 8;
    const bottom = height - (titles.x ? 38 : 22);
    const px = (v) => left + (titles.logX ? Math.log(v / x[0]) / Math.log(x[1] / x[0]) : (v - x[0]) / (x[1] - x[0])) *
      (right - left);
    const py = (v) => bottom - (v - y[0]) / (y[1] - y[0]) * (bottom - top);
    const svg = make("svg", {height, class: "plot", tabindex: titles.focus ? 0 : -1, role: "img",
                             "aria-label": titles.name});
    const lines = make("g", {"aria-hidden": "true"});
    yTicks.list.forEach((v, i) => lines.append(
      make("line", {class: "grid", x1: left, x2: right, y1: py(v), y2: py(v)}),
      make("text", {x: left - 8, y: py(v) + 4, "text-anchor": "end"}, yText[i])));
    const count = Math.max(2, Math.floor((right - left) / 90));
    const xTicks = titles.logX ? logTicks(x[0], x[1]) : ticks(x[0], x[1], count, titles.wholeX);
    xTicks.list.forEach((v) => {
      const text = titles.wholeX ? String(frameNumber(v)) : titles.logX ? String(v) : v.toFixed(xTicks.digits);
      const at = px(v);
      const end = at > right - 3.5 * text.length, start = at < left + 3.5 * text.length && !titles.logX;
      lines.append(make("line", {class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 4}),
                   make("text", {x: at, y: bottom + 17, "text-anchor": end ? "end" : start ? "start" : "middle"},
                        text));
    });
    lines.append(make("line", {class: "axis", x1: left, x2: right, y1: bottom, y2: bottom}));
    if (titles.x)
      lines.append(make("text", {x: right, y: bottom + 33, "text-anchor": "end"}, titles.x));
    svg.append(lines);
    host.replaceChildren(svg);
    return {svg, px, py, left, right, top, bottom,
            unx: (at) => x[0] + (at - left) / (right - left) * (x[1] - x[0])};
  }
  function logTicks(low, high) {
    const list = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
      for (const f of [1, 2, 5])
        if (f * power >= low && f * power <= high)
          list.push(f * power);
    return {list};
  }

  /* ---- lines over frames ---- */
  /* One point per frame, or the lowest and the highest of each pixel column when there are more frames. */
  function linePath(values, frame, from, to) {
    const columns = Math.max(1, Math.round(frame.right - frame.left)), n = to - from + 1;
    let path = "", pen = "M";
    const put = (i) => {
      path += pen + frame.px(i).toFixed(1) + " " + frame.py(values[i]).toFixed(1);
      pen = "L";
    };
    if (n <= 2 * columns) {
      for (let i = from; i <= to; i++)
        if (isNumber(values[i]))
          put(i);
        else
          pen = "M";
      return path;
    }
    for (let column = 0; column < columns; column++) {
      let low = -1, high = -1;
      const end = from + Math.floor((column + 1) * n / columns);
      for (let i = from + Math.floor(column * n / columns); i < end; i++)
        if (isNumber(values[i])) {
          low = low < 0 || values[i] < values[low] ? i : low;
          high = high < 0 || values[i] > values[high] ? i : high;
        }
      if (low < 0)
        pen = "M";
      else
        [Math.min(low, high), Math.max(low, high)].forEach(put);
    }
    return path;
  }
  function dots(values, i, frame, at) {
    return isNumber(values[at]) ? [make("circle", {cx: frame.px(at), cy: frame.py(values[at]), r: 3.5,
                                                   style: "fill:" + colour(i)})] : [];
  }
  const charts = [];
  /* All charts over frames point at the same one. */
  function pointAt(at) {
    charts.forEach((chart) => chart.point(at));
  }
  function timeChart(host, metric, height, isScore) {
    const name = run.metrics[metric];
    let frame, cursor, at = null, dragFrom = null;
    const chart = {
      draw() {
        const list = shown(), lists = list.map((i) => encodes[i].values[metric]);
        const [low, high] = extent(lists, view.from, view.to);
        /* Unclipped scores, and those of some models, leave the scale. */
        const y = isScore && view.full && run.score_is_percent ? [Math.min(0, low), Math.max(100, high)] :
          padded([low, high], 1e-3);
        frame = axes(host, height, [view.from, view.to], y, {x: isScore ? "frame" : "", name: name + " over time",
                                                             wholeX: true, focus: isScore});
        list.forEach((i, at) => frame.svg.append(make("path", {class: "series", "stroke-dasharray": dash(i),
          style: "stroke:" + colour(i), d: linePath(lists[at], frame, view.from, view.to)})));
        if (nFrames === 1)
          list.forEach((i, at) => frame.svg.append(...dots(lists[at], i, frame, 0)));
        cursor = make("g", {"aria-hidden": "true"});
        frame.svg.append(cursor);
        listen(frame.svg);
      },
      point(to) {
        at = to;
        if (!cursor)
          return;
        cursor.replaceChildren();
        if (at === null || at < view.from || at > view.to)
          return;
        const x = frame.px(at);
        cursor.append(make("line", {class: "cursor", x1: x, x2: x, y1: frame.top, y2: frame.bottom}));
        shown().forEach((i) => cursor.append(...dots(encodes[i].values[metric], i, frame, at)));
      },
    };
    function tipAt(x, y) {
      const rows = shown().map((i) => [i, encodes.length > 1 ? labels[i] : name, encodes[i].values[metric][at]]);
      showTip(x, y, frameText(at) + (encodes.length > 1 ? " · " + name : ""),
              rows.map(([i, text, value]) => [i, text, exact(value)]));
    }
    const frameUnder = (event) => Math.max(view.from, Math.min(Math.min(view.to, nFrames - 1),
      Math.round(frame.unx(event.clientX - frame.svg.getBoundingClientRect().left))));
    function listen(svg) {
      svg.addEventListener("pointerdown", (event) => {
        pointAt(frameUnder(event));
        tipAt(event.clientX, event.clientY);
        if (event.pointerType === "mouse" && event.button === 0) {
          dragFrom = at;
          svg.setPointerCapture(event.pointerId);
        }
      });
      svg.addEventListener("pointermove", (event) => {
        pointAt(frameUnder(event));
        tipAt(event.clientX, event.clientY);
        if (dragFrom !== null && dragFrom !== at) {
          const [a, b] = [frame.px(dragFrom), frame.px(at)];
          cursor.append(make("rect", {class: "selection", x: Math.min(a, b), width: Math.abs(a - b), y: frame.top,
                                      height: frame.bottom - frame.top}));
        }
      });
      svg.addEventListener("pointerup", () => {
        if (dragFrom !== null && Math.abs(dragFrom - at) > 1)
          showFrames(Math.min(dragFrom, at), Math.max(dragFrom, at));
        dragFrom = null;
      });
      svg.addEventListener("dblclick", () => showFrames(0, nFrames - 1));
      svg.addEventListener("pointerleave", () => {
        dragFrom = null;
        pointAt(null);
        hideTip();
      });
      svg.addEventListener("blur", () => {
        pointAt(null);
        hideTip();
      });
      svg.addEventListener("keydown", (event) => {
        const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[event.key];
        if (event.key === "Escape")
          return hideTip();
        if (!step)
          return;
        event.preventDefault();
        pointAt(Math.max(view.from, Math.min(Math.min(view.to, nFrames - 1), (at === null ? view.from : at) + step)));
        const box = svg.getBoundingClientRect();
        tipAt(box.left + frame.px(at), box.top + frame.top);
      });
    }
    charts.push(chart);
    redraws.push(chart.draw);
  }

  /* ---- distribution ---- */
  function drawHistogram() {
    const list = shown(), lists = list.map((i) => encodes[i].values[run.score]);
    const [low, high] = extent(lists, 0, nFrames - 1);
    const size = niceStep(Math.max(high - low, (Math.abs(high) || 1) * 1e-3), BINS_MOST - 4);
    const lowest = Math.floor(low / size), spread = Math.floor(high / size) - lowest + 1;
    const around = Math.max(0, Math.ceil((BINS_LEAST - spread) / 2)), first = lowest - around;
    const n = spread + 2 * around;
    const counts = lists.map((values) => {
      const bins = new Array(n).fill(0);
      for (const value of values)
        if (isNumber(value))
          bins[Math.min(n - 1, Math.floor(value / size) - first)]++;
      return bins;
    });
    const share = (count) => 100 * count / nFrames, most = Math.max(share(1), ...counts.flat().map(share));
    const frame = axes(byId("histogram"), 260, [first * size, (first + n) * size], [0, most * 1.05],
                       {x: run.metrics[run.score], unitY: "%", name: "share of frames by score"});
    counts.forEach((bins, at) => {
      const i = list[at], fill = "fill:" + colour(i);
      if (list.length === 1) {
        bins.forEach((count, bin) => count && frame.svg.append(make("rect", {style: fill, rx: 1.5,
          x: frame.px((first + bin) * size) + 0.5, width: Math.max(1, frame.px((first + bin + 1) * size) -
          frame.px((first + bin) * size) - 1), y: frame.py(share(count)),
          height: frame.bottom - frame.py(share(count))})));
        return;
      }
      let path = "M" + frame.px(first * size) + " " + frame.bottom;
      bins.forEach((count, bin) => {
        path += "V" + frame.py(share(count)).toFixed(1) + "H" + frame.px((first + bin + 1) * size).toFixed(1);
      });
      path += "V" + frame.bottom;
      frame.svg.append(make("path", {d: path, style: fill, opacity: 0.13}), make("path", {d: path, class: "series",
        "stroke-dasharray": dash(i), style: "stroke:" + colour(i)}));
    });
    const digits = Math.max(0, 1 - Math.floor(Math.log10(size)));
    frame.svg.addEventListener("pointerleave", hideTip);
    const point = (event) => {
      const bin = Math.floor(frame.unx(event.clientX - frame.svg.getBoundingClientRect().left) / size) - first;
      if (bin < 0 || bin >= n)
        return hideTip();
      showTip(event.clientX, event.clientY,
              ((first + bin) * size).toFixed(digits) + " to " + ((first + bin + 1) * size).toFixed(digits),
              counts.map((bins, at) => [list[at], labels[list[at]], bins[bin] + " frames"]));
    };
    frame.svg.addEventListener("pointermove", point);
    frame.svg.addEventListener("pointerdown", point);
  }

  /* ---- rate and quality ---- */
  const rated = encodes.map((_, i) => i).filter((i) => encodes[i].bitrate_kbps && isNumber(encodes[i].mean));
  function drawRates() {
    const rates = rated.map((i) => encodes[i].bitrate_kbps), means = rated.map((i) => encodes[i].mean);
    const low = Math.min(...rates), high = Math.max(...rates), logX = high > 8 * low;
    const x = logX ? [low / 1.25, high * 1.25] : [0, high * 1.08];
    const y = padded([Math.min(...means), Math.max(...means)], 1e-3), room = (y[1] - y[0]) * 0.1;
    y[0] -= room;
    y[1] += room;
    const frame = axes(byId("rate-chart"), 260, x, y, {x: "kbit/s", logX, name: "bitrate and mean score"});
    const hull = rated.filter((i) => encodes[i].on_hull);
    hull.sort((a, b) => encodes[a].bitrate_kbps - encodes[b].bitrate_kbps);
    const place = (i) => [frame.px(encodes[i].bitrate_kbps), frame.py(encodes[i].mean)];
    frame.svg.append(make("polyline", {class: "hull", points: hull.map((i) => place(i).join(",")).join(" ")}));
    rated.forEach((i) => {
      const [cx, cy] = place(i);
      const text = labels[i].length > 26 ? labels[i].slice(0, 12) + "…" + labels[i].slice(-12) : labels[i];
      const end = cx + 11 + 7 * text.length > frame.right;
      const dot = make("circle", {cx, cy, r: 6, tabindex: 0, role: "img", "stroke-width": 2.5,
        style: (encodes[i].on_hull ? "fill:" + colour(i) : "fill:var(--card)") + ";stroke:" + colour(i),
        "aria-label": labels[i] + ", " + brief(encodes[i].bitrate_kbps, 1) + " kbit/s, mean " +
          exact(encodes[i].mean)});
      const show = () => {
        const box = dot.getBoundingClientRect();
        showTip(box.right, box.top, "", [[i, labels[i], ""],
          [null, "bitrate", brief(encodes[i].bitrate_kbps, 1) + " kbit/s"], [null, "mean", exact(encodes[i].mean)],
          [null, "on the hull", encodes[i].on_hull ? "yes" : "no"]]);
      };
      for (const name of ["pointerenter", "pointerdown", "focus"])
        dot.addEventListener(name, show);
      for (const name of ["pointerleave", "blur"])
        dot.addEventListener(name, hideTip);
      frame.svg.append(make("text", {class: "label", x: cx + (end ? -11 : 11),
        y: cy + (end && encodes[i].on_hull ? -8 : 17), "text-anchor": end ? "end" : "start"}, text), dot);
    });
  }

  /* ---- overview ---- */
  const ordinal = (p) => p + ({1: "st", 2: "nd", 3: "rd"}[p] || "th") + " percentile";
  function tiles() {
    const e = encodes[0], put = (value, name, first) => byId("tiles").append(make("div", first ? {class: "first"} : {},
      make("b", {title: exact(value)}, brief(value, scoreDigits)), make("span", {}, name)));
    put(e.mean, "mean", true);
    put(e.harmonic_mean, "harmonic mean");
    for (let i = run.percents.length - 1; i >= 0; i--)
      put(e.percentiles[i], ordinal(run.percents[i]));
    put(e.min, "lowest frame");
  }
  function toggles(i) {
    const key = make("button", {class: "key", type: "button", "aria-pressed": "true", title: encodes[i].path,
                                "data-encode": i}, swatch(i), make("span", {}, labels[i]));
    key.addEventListener("click", () => {
      if (!view.hidden.delete(i) && view.hidden.size < encodes.length - 1)
        view.hidden.add(i);
      document.querySelectorAll(".key[data-encode]").forEach((k) =>
        k.setAttribute("aria-pressed", String(!view.hidden.has(Number(k.dataset.encode)))));
      redraw();
    });
    return key;
  }
  function ladder() {
    const rates = encodes.some((e) => e.bitrate_kbps);
    const heads = ["encode", ...(rates ? ["kbit/s"] : []), "mean", "harmonic", "lowest",
                   ...run.percents.map((p) => p + "%"), ...(rates ? ["hull"] : [])];
    const rows = encodes.map((e, i) => make("tr", {}, make("td", {}, toggles(i)),
      ...(rates ? [make("td", {}, brief(e.bitrate_kbps, 1))] : []),
      ...[e.mean, e.harmonic_mean, e.min, ...e.percentiles].map((value, at) =>
        make("td", at ? {title: exact(value)} : {title: exact(value), class: "strong"}, brief(value, scoreDigits))),
      ...(rates ? [make("td", {}, e.bitrate_kbps ? e.on_hull ? "yes" : "no" : "–")] : [])));
    byId("ladder").append(make("table", {}, make("thead", {}, make("tr", {}, ...heads.map((h) =>
      make("th", {scope: "col"}, h)))), make("tbody", {}, ...rows)));
    encodes.forEach((_, i) => byId("legend").append(toggles(i)));
  }

  /* ---- worst frames ---- */
  function choices(select, first) {
    select.append(...first.map(([value, text]) => make("option", {value}, text)),
                  ...labels.map((text, i) => make("option", {value: i}, text)));
    select.hidden = encodes.length < 2;
  }
  function drawCards() {
    const i = Number(byId("worst-encode").value), worst = encodes[i].worst;
    byId("cards").replaceChildren(...worst.map((w) => {
      const card = make("button", {class: "card", type: "button", "data-frame": w.frame});
      const picture = (name) => make("img", {src: w[name], alt: name + ", " + frameText(w.frame),
                                             width: run.thumbnail[0], height: run.thumbnail[1]});
      card.append(make("div", {class: "pictures"}, picture("reference"), picture("distorted")),
                  make("div", {class: "caption"}, make("span", {class: "muted"}, frameText(w.frame)),
                       make("b", {title: exact(w.score)}, brief(w.score, scoreDigits))));
      card.addEventListener("click", () => openViewer(i, w));
      return card;
    }));
  }
  function openViewer(i, w) {
    byId("viewer-title").textContent = labels[i] + ", " + frameText(w.frame) + ", " + exact(w.score);
    byId("wipe-ref").src = w.reference;
    byId("wipe-dist").src = w.distorted;
    byId("wipe").style.maxWidth = "calc((100vh - 180px) * " + run.thumbnail[0] / run.thumbnail[1] + ")";
    wipe();
    byId("viewer").showModal();
  }
  function wipe() {
    byId("wipe-ref").style.clipPath = "inset(0 " + (100 - byId("wipe-at").value) + "% 0 0)";
  }

  /* ---- the table ---- */
  function columns() {
    const which = byId("table-encode").value;
    return which === "all" ? encodes.map((e, i) => [labels[i], e.values[run.score]]) :
      run.metrics.map((name, m) => [name, encodes[Number(which)].values[m]]);
  }
  function rowCells(frame, list) {
    return [String(frameNumber(frame)), ...(run.frame_rate ? [timeText(frame)] : []),
            ...list.map(([, values]) => exact(values[frame]))];
  }
  const headCells = (list) => ["frame", ...(run.frame_rate ? ["time"] : []), ...list.map(([name]) => name)];
  /* Only the rows in sight exist. */
  function drawTable() {
    const list = columns(), host = byId("table"), body = make("tbody");
    const heads = headCells(list).map((name) => make("th", {scope: "col"}, name));
    host.replaceChildren(make("table", {"aria-rowcount": nFrames + 1}, make("thead", {}, make("tr", {}, ...heads)),
                              body));
    const gap = (height) => make("tr", {"aria-hidden": "true"},
                                 make("td", {class: "gap", style: "height:" + height + "px", colspan: heads.length}));
    function fill() {
      const first = Math.max(0, Math.floor(host.scrollTop / ROW_HEIGHT) - ROWS_AROUND);
      const last = Math.min(nFrames, Math.ceil((host.scrollTop + TABLE_HEIGHT) / ROW_HEIGHT) + ROWS_AROUND);
      const rows = [];
      for (let frame = first; frame < last; frame++)
        rows.push(make("tr", {"aria-rowindex": frame + 2},
                       ...rowCells(frame, list).map((text) => make("td", {}, text))));
      body.replaceChildren(gap(first * ROW_HEIGHT), ...rows, gap((nFrames - last) * ROW_HEIGHT));
    }
    host.onscroll = fill;
    fill();
  }
  function saveTable() {
    const list = columns(), quote = (text) => /[",\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
    const lines = [headCells(list).map(quote).join(",")];
    for (let frame = 0; frame < nFrames; frame++)
      lines.push(rowCells(frame, list).join(","));
    const link = make("a", {download: "frames.csv",
                            href: URL.createObjectURL(new Blob([lines.join("\n") + "\n"], {type: "text/csv"}))});
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  /* ---- the rest ---- */
  function facts() {
    const put = (name, value) => value && byId("facts").append(make("dt", {}, name), make("dd", {}, value));
    put("Reference", run.reference);
    encodes.forEach((e, i) => put(encodes.length > 1 ? "Encode " + i : "Distorted", e.path));
    put("Picture", run.width + "×" + run.height + ", " + run.bit_depth + " bit");
    put("Frames", nFrames + (run.frame_step > 1 ? ", one of every " + run.frame_step : ""));
    put("Frame rate", run.frame_rate ? Number(run.frame_rate.toFixed(3)) + " per second" : "");
    run.notes.concat(run.frame_notes).forEach((note) => put("Note", note));
    put("Score", run.metrics[run.score]);
    if (run.model)
      put("Model", [run.model.name, run.model.file, run.model.quant_mode].join(", "));
    const joined = (...parts) => parts.filter(Boolean).join(", ");
    put("Device", joined(run.device.name, run.device.form && run.device.form + " kernels"));
    put("Driver", joined(run.device.driver, run.device.api_version && "Vulkan " + run.device.api_version));
    put("Speed", run.fps.toFixed(2) + " frames per second");
    put("Software", "vkvmaf " + run.version);
    put("Pooling", "Mean; harmonic mean n / Σ 1/(x+1) − 1; percentiles (p%) linear between the two nearest frames.");
  }
  function start() {
    const title = "Quality of " + (encodes.length === 1 ? labels[0] : encodes.length + " encodes");
    document.title = title + " – vkvmaf";
    byId("title").textContent = title;
    byId("subtitle").textContent = ["against " + baseName(run.reference || ""), run.width + "×" + run.height,
      run.bit_depth + " bit", nFrames + (nFrames === 1 ? " frame" : " frames"), run.device.name].join(" · ");
    byId("overview-title").textContent = run.metrics[run.score];
    run.frame_notes.forEach((note) => byId("frame-notes").append(make("p", {class: "note"}, note)));
    if (encodes.length === 1)
      tiles();
    else
      ladder();
    byId("legend").hidden = encodes.length === 1;
    byId("scale").hidden = !run.score_is_percent;
    byId("rate").hidden = rated.length < 2;
    timeChart(byId("score-chart"), run.score, 300, true);
    redraws.push(drawHistogram);
    if (rated.length > 1)
      redraws.push(drawRates);
    run.metrics.forEach((name, metric) => {
      if (metric === run.score)
        return;
      const host = make("div", {class: "chart"});
      byId("feature-charts").append(make("div", {}, make("h3", {}, name), host));
      timeChart(host, metric, 120, false);
    });
    byId("features").hidden = run.metrics.length < 2;
    choices(byId("worst-encode"), []);
    choices(byId("table-encode"), encodes.length > 1 ? [["all", "score of every encode"]] : []);
    byId("worst-hint").textContent = "The lowest of each stretch of " + run.stretch + " frames, lowest first. " +
      "Left the reference, right the encode; select one to compare them.";
    byId("worst").hidden = !encodes.some((e) => e.worst.length);
    drawCards();
    facts();
    byId("worst-encode").addEventListener("change", drawCards);
    byId("table-encode").addEventListener("change", drawTable);
    byId("table-details").addEventListener("toggle", (event) => event.target.open && drawTable());
    byId("download").addEventListener("click", saveTable);
    byId("scale").addEventListener("click", (event) => {
      view.full = !view.full;
      event.target.setAttribute("aria-pressed", String(view.full));
      redraw();
    });
    byId("zoom-in").addEventListener("click", () => zoom(0.5));
    byId("zoom-out").addEventListener("click", () => zoom(2));
    byId("zoom-all").addEventListener("click", () => showFrames(0, nFrames - 1));
    const root = document.documentElement, system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
    const nameTheme = () => { byId("theme").textContent = isDark() ? "Light" : "Dark"; };
    byId("theme").addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      nameTheme();
    });
    system.addEventListener("change", nameTheme);
    nameTheme();
    byId("wipe-at").addEventListener("input", wipe);
    byId("viewer-close").addEventListener("click", () => byId("viewer").close());
    addEventListener("resize", redraw);
    addEventListener("scroll", hideTip, {passive: true});
    redraws.forEach((draw) => draw());
  }
  start();
})();
