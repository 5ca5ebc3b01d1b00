// Unpacks the chart library and draws every chart over its still picture.
(async () => {
  "use strict";

  // What scrolls sideways must be reachable by keyboard.
  const reach = () => {
    for (const box of document.querySelectorAll(".plot, .out, .out > div, pre")) {
      if (box.scrollWidth > box.clientWidth + 1) {
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", "Scrolls sideways");
      } else if (box.getAttribute("aria-label") === "Scrolls sideways") {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  };

  const unpack = async (text) => {
    const bytes = Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
    const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(plain).text();
  };

  // A sheet of paper is narrower than the window, and nothing tells the charts.
  const PAPER = 640;
  const views = [];
  window.addEventListener("beforeprint", () => views.forEach((view) => view.width(PAPER).run()));
  window.addEventListener("afterprint", () => window.dispatchEvent(new Event("resize")));

  const draw = async (plot) => {
    const spec = JSON.parse(document.getElementById(plot.dataset.spec).textContent);
    const live = document.createElement("div");
    live.className = "live";
    plot.append(live);
    try {
      const chart = await window.drawChart(live, spec, {
        actions: false, ast: true, defaultStyle: false, mode: "vega-lite", renderer: "svg",
      });
      if (spec.width === "container") views.push(chart.view);
      plot.classList.add("drawn");
    } catch (fault) {
      live.remove();
      throw fault;
    }
  };

  reach();
  window.addEventListener("resize", reach);
  const library = document.getElementById("chart-library");
  if (!library) return;
  try {
    const script = document.createElement("script");
    script.textContent = await unpack(library.textContent);
    document.head.append(script);
    for (const plot of document.querySelectorAll(".plot")) await draw(plot);
    document.documentElement.dataset.charts = "drawn";
  } catch (fault) {
    document.documentElement.dataset.charts = "still";
    document.getElementById("charts-still").hidden = false;
  }
  reach();
})();
