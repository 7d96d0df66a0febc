// What the page does in the browser itself: theme, links inside the grid, new runs, and where the focus goes.
(function () {
  "use strict";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const narrow = window.matchMedia("(max-width: 640px)");
  const ASK_EVERY_MS = 10000;

  // Theme ------------------------------------------------------------------------------------------------------
  function theme() {
    return document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  }

  function tellTheme() {
    const button = document.getElementById("theme-toggle");
    const other = theme() === "dark" ? "light" : "dark";
    const words = other === "dark" ? "Dark" : "Light";
    if (button && button.textContent !== words) {
      button.textContent = words;
      button.setAttribute("aria-label", "Use the " + other + " theme");
    }
  }

  // Tells the page that is there now: it draws its charts in the theme, and asks for what is new.
  function tick() {
    document.querySelectorAll("[data-tick]").forEach(function (place) {
      window.dash_clientside.set_props(place.dataset.tick, { data: { theme: theme(), at: Date.now() } });
    });
  }

  function themeChanged() {
    tellTheme();
    tick();
  }

  function toggleTheme() {
    const other = theme() === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = other;
    try {
      window.localStorage.setItem("footprint-theme", other);
    } catch (_) {
      // Without storage the choice lasts as long as the page.
    }
    themeChanged();
  }

  dark.addEventListener("change", themeChanged);

  // Links: the grid's are not Dash's own, so they are followed here, without loading the page anew ----------------
  let back = "/";

  function go(address) {
    const leaves = new URL(address, window.location.href).pathname !== window.location.pathname;
    if (leaves && window.location.pathname === "/") {
      back = "/" + window.location.search;
    }
    window.history.pushState({}, "", address);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    if (leaves) {
      window.scrollTo(0, 0);
    }
  }

  // A filter's link changes its one word in the address as it is now; it may have been made for an older one.
  function addressOf(link) {
    const { key, value, clears } = link.dataset;
    if (link.id === "back") {
      return back;
    }
    if (key === undefined && clears === undefined) {
      return link.getAttribute("href");
    }
    const words = new URLSearchParams(window.location.search);
    (clears ? clears.split(" ") : [key]).forEach((word) => words.delete(word));
    if (value) {
      words.set(key, value);
    }
    return window.location.pathname + (words.size ? "?" + words : "");
  }

  // The filters' links as the address has them now: where they lead, which is chosen, and the way back to all runs.
  function markFilters() {
    const words = new URLSearchParams(window.location.search);
    document.querySelectorAll(".choice a[data-key]").forEach(function (link) {
      link.setAttribute("href", addressOf(link));
      const now = words.get(link.dataset.key) || link.closest(".choice").dataset.default;
      if (now === link.dataset.value) {
        link.setAttribute("aria-current", "true");
      } else {
        link.removeAttribute("aria-current");
      }
    });
    document.querySelectorAll("a[data-clears]").forEach(function (link) {
      link.setAttribute("href", addressOf(link));
      link.hidden = !link.dataset.clears.split(" ").some((word) => words.get(word));
    });
  }

  function plain(event) {
    return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("#theme-toggle")) {
      toggleTheme();
      return;
    }
    if (event.target.closest("#refresh")) {
      say("news", "");
      tick();
      return;
    }
    const column = event.target.closest("[data-column]");
    if (column) {
      switchColumn(column);
      return;
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      document.getElementById(opener.dataset.opens).showModal();
      return;
    }
    // A click on the dialog itself is one beside its content.
    const closer = event.target.closest("[data-closes]");
    if (closer || event.target.matches("dialog")) {
      event.target.closest("dialog").close();
      return;
    }
    const known = event.target.closest("a.go");
    if (known && plain(event)) {
      event.preventDefault();
      go(addressOf(known));
      return;
    }
    const row = event.target.closest(".ag-center-cols-container .ag-row");
    const link = row && row.querySelector("a.run-link");
    if (link && plain(event) && !String(window.getSelection())) {
      event.preventDefault();
      go(link.getAttribute("href"));
    }
  });

  document.addEventListener("keydown", function (event) {
    const cell = event.key === "Enter" && event.target.closest(".ag-center-cols-container .ag-cell");
    const link = cell && cell.closest(".ag-row").querySelector("a.run-link");
    if (link) {
      event.preventDefault();
      go(link.getAttribute("href"));
    }
  });

  // Title and focus follow the page -------------------------------------------------------------------------------
  let place = window.location.pathname;
  let lastHead = null;

  function pageChanged() {
    const head = document.querySelector("#main h1:not([hidden] h1)");
    document.querySelectorAll(".tab").forEach(function (tab) {
      if (tab.getAttribute("href") === window.location.pathname) {
        tab.setAttribute("aria-current", "page");
      } else {
        tab.removeAttribute("aria-current");
      }
    });
    if (!head) {
      return;
    }
    const title = head.textContent + " – Footprint";
    if (document.title !== title) {
      document.title = title;
    }
    if (head !== lastHead && place !== window.location.pathname) {
      place = window.location.pathname;
      head.focus({ preventScroll: true });
    }
    lastHead = head;
  }

  // Bars over time: the amount under the pointer -------------------------------------------------------------------
  document.addEventListener("mousemove", function (event) {
    const plot = event.target.closest && event.target.closest(".plot[data-hover]");
    if (plot) {
      const words = JSON.parse(plot.dataset.hover);
      const box = plot.getBoundingClientRect();
      const at = Math.floor(((event.clientX - box.left) / box.width) * words.length);
      plot.title = words[Math.max(0, Math.min(words.length - 1, at))];
    }
  });

  // New runs ------------------------------------------------------------------------------------------------------
  let state = null;

  function say(id, text) {
    const place = document.getElementById(id);
    if (place) {
      place.textContent = text;
    }
  }

  function offline(lost) {
    const notice = document.getElementById("offline");
    if (!notice || notice.hidden === !lost) {
      return;
    }
    notice.hidden = !lost;
    const now = new Date().toTimeString().slice(0, 5);
    notice.textContent = lost
      ? "The dashboard does not answer since " + now + ": what you see is from then. Start it again: footprint dashboard"
      : "";
  }

  async function ask() {
    if (document.hidden) {
      return;
    }
    try {
      const answer = await (await fetch("/changes", { cache: "no-store" })).json();
      offline(false);
      if (state !== null && answer.state && answer.state !== state) {
        if (still.matches) {
          say("news", "There is news: Refresh shows it");
        } else {
          tick();
        }
      }
      state = answer.state || state;
    } catch (_) {
      offline(true);
    }
  }

  // The grid ------------------------------------------------------------------------------------------------------
  function grid() {
    return window.dash_ag_grid && document.getElementById("runs-grid") ? window.dash_ag_grid.getApiAsync("runs-grid") : null;
  }

  const KEPT = "footprint-columns";

  function switches() {
    return [...document.querySelectorAll("#runs-columns [data-column]")];
  }

  // What was chosen in this browser before; columns that it did not know then stay as the page has them.
  function recallColumns() {
    try {
      const kept = JSON.parse(window.localStorage.getItem(KEPT) || "{}");
      switches().forEach((one) => one.setAttribute("aria-pressed", kept[one.dataset.column] || one.ariaPressed));
    } catch (_) {
      // No storage, or something else in it: the page's own choice it is.
    }
  }

  function switchColumn(pressed) {
    pressed.setAttribute("aria-pressed", pressed.ariaPressed === "true" ? "false" : "true");
    try {
      const all = Object.fromEntries(switches().map((one) => [one.dataset.column, one.ariaPressed]));
      window.localStorage.setItem(KEPT, JSON.stringify(all));
    } catch (_) {
      // Without storage the choice lasts as long as the page.
    }
    fitColumns();
  }

  // The columns that are switched on; on a narrow screen the few that fit.
  async function fitColumns() {
    const api = await grid();
    if (!api) {
      return;
    }
    const few = document.getElementById("runs-rows").dataset.narrow.split(" ");
    const chosen = switches().filter((one) => one.ariaPressed === "true").map((one) => one.dataset.column);
    const seen = (key) => key === "name" || (narrow.matches ? few : chosen).includes(key);
    const all = api.getColumns().map((column) => column.getColId());
    api.setColumnsVisible(all.filter(seen), true);
    api.setColumnsVisible(all.filter((key) => !seen(key)), false);
  }

  narrow.addEventListener("change", fitColumns);

  function element(tag, props, ...children) {
    return window.React.createElement(tag, props, ...children);
  }

  const renderers = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  function bone() {
    return element("span", { className: "bone bone-cell" });
  }

  renderers.FootprintRun = function (props) {
    if (!props.data) {
      return bone();
    }
    return element("a", { className: "run-link", href: "/run/" + encodeURIComponent(props.data.id), tabIndex: -1 }, props.value);
  };

  renderers.FootprintState = function (props) {
    if (!props.data) {
      return bone();
    }
    const sign = element("span", { "aria-hidden": "true" }, props.data.status_sign + " ");
    return element("span", { className: "state state-" + props.data.status_level }, sign, props.value);
  };

  renderers.FootprintAmount = function (props) {
    if (!props.data) {
      return bone();
    }
    const below = props.data[props.colDef.field + "_below"];
    return element(
      "span",
      { className: "amount" },
      element("span", { className: "main" }, props.value),
      below ? element("span", { className: "below" }, below) : null,
    );
  };

  // What Dash calls ------------------------------------------------------------------------------------------------
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.footprint = {
    tick: function () {
      return { theme: theme(), at: Date.now() };
    },
    // The address follows the inputs, and the inputs and the choices follow the address.
    keepFilters: function (text, project, _search, path) {
      const same = window.dash_clientside.no_update;
      if (path !== "/") {
        return [same, same, same];
      }
      const words = new URLSearchParams(window.location.search);
      if (window.dash_clientside.callback_context.triggered_id === "runs-url") {
        markFilters();
        return [same, words.get("q") || "", words.get("project") || ""];
      }
      Object.entries({ q: text, project: project }).forEach(function ([key, value]) {
        words.delete(key);
        if (value && value.trim()) {
          words.set(key, value.trim());
        }
      });
      const wanted = words.size ? "?" + words : "";
      return [wanted === window.location.search ? same : wanted, same, same];
    },
    // Asks for the rows anew. After another choice of runs the old rows are dropped at once.
    renewRows: async function (search, _tick, path) {
      const api = path === "/" ? await grid() : null;
      if (!api) {
        return;
      }
      if (search !== api.footprintSearch) {
        api.footprintSearch = search;
        api.purgeInfiniteCache();
      } else {
        api.refreshInfiniteCache();
      }
    },
  };

  // Begin -----------------------------------------------------------------------------------------------------------
  function begin() {
    new MutationObserver(function () {
      pageChanged();
      tellTheme();
      const there = document.querySelector("#runs-grid .ag-root");
      if (there && !there.dataset.fitted) {
        there.dataset.fitted = "yes";
        recallColumns();
        fitColumns();
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
    ask();
    window.setInterval(ask, ASK_EVERY_MS);
    document.addEventListener("visibilitychange", ask);
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", begin);
  } else {
    begin();
  }
})();
