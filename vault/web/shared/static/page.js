// Esc three times within two seconds: hide the page and follow its own first link. A link that
// leaves is followed in place of the page too, so that Back does not lead to it again.
// Nothing else, and nothing of the page is read, kept or sent. Without this the page is whole.
"use strict";
(() => {
  let pressed = [];
  const leave = (link) => {
    document.documentElement.hidden = true;
    document.title = "";
    location.replace(link.href);
  };
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat || event.isComposing) return;
    const now = event.timeStamp;
    pressed = [...pressed.filter((then) => now - then < 2000), now];
    if (pressed.length >= 3) leave(document.querySelector("a.leave"));
  });
  addEventListener("click", (event) => {
    const link = event.target.closest("a[href$='/leave']");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave(link);
  });
})();
