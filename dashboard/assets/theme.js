// Runs in the page's head, before anything is painted: the theme that was chosen here before, if any.
(function () {
  "use strict";
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("footprint-theme");
  } catch (_) {
    // Storage is switched off: the system's theme it is.
  }
  if (chosen === "light" || chosen === "dark") {
    document.documentElement.dataset.theme = chosen;
  }
})();
