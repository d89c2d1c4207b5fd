// Runs before Gradio. Small repairs that the page can't do without: language, names for screen readers, links to sources.
(() => {
  "use strict";
  const words = document.currentScript.dataset;
  const locales = words.locales.split(" ");

  // Gradio takes its labels' language from the browser; everyone gets the language of the page.
  Object.defineProperty(navigator, "language", { get: () => locales[0] });
  Object.defineProperty(navigator, "languages", { get: () => locales });

  const keepLanguage = () => {
    if (document.documentElement.lang !== words.lang) document.documentElement.lang = words.lang;
  };
  new MutationObserver(keepLanguage).observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });

  // Gradio's names for these are English, and repeat the markup of a message.
  const nameParts = () => {
    for (const log of document.querySelectorAll('#fs-chat [role="log"]')) {
      if (log.getAttribute("aria-label") !== words.chat) log.setAttribute("aria-label", words.chat);
      // It scrolls, so the keyboard must reach it.
      if (log.tabIndex !== 0) log.tabIndex = 0;
    }
    for (const message of document.querySelectorAll('#fs-chat [data-testid="user"], #fs-chat [data-testid="bot"]')) {
      const name = words[message.dataset.testid];
      if (message.getAttribute("aria-label") === name) continue;
      message.setAttribute("role", "group");
      message.setAttribute("aria-label", name);
    }
  };

  // Gradio's error message: its heading and what it says of a lost connection are English.
  const nameErrors = () => {
    for (const toast of document.querySelectorAll(".toast-body")) {
      if (toast.getAttribute("role") !== "alert") toast.setAttribute("role", "alert");
      const close = toast.querySelector(".toast-close");
      if (close && close.getAttribute("aria-label") !== words.close) close.setAttribute("aria-label", words.close);
      const title = toast.querySelector(".toast-title");
      if (title && title.textContent.trim() === "Error") title.textContent = words.error;
      const text = toast.querySelector(".toast-message-text");
      if (text && text.textContent.startsWith("Connection ")) text.textContent = words.lost;
      // A button inside of a button can't be used by all; the heading need not be one.
      toast.querySelector(".toast-header")?.removeAttribute("role");
      toast.querySelector(".toast-header")?.removeAttribute("tabindex");
    }
  };

  // A new question goes to the top of the conversation, so that its answer is read from the beginning.
  const followQuestion = () => {
    const log = document.querySelector('#fs-chat [role="log"]');
    const question = [...document.querySelectorAll("#fs-chat .user-row")].pop();
    if (log && question) log.scrollTop += question.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
  };

  let shown = "";
  const showNewSources = () => {
    const first = document.querySelector("#fs-panel .fs-body")?.id ?? "";
    if (first !== shown) document.querySelector("#fs-right").scrollTop = 0;
    shown = first;
  };

  document.addEventListener("DOMContentLoaded", () => {
    nameParts();
    const changes = { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] };
    new MutationObserver((records) => {
      nameParts();
      nameErrors();
      if (records.some((record) => record.type === "childList" && record.target.parentElement?.closest?.("#fs-chat"))) {
        followQuestion();
      }
      showNewSources();
    }).observe(document.body, changes);
  });

  const showSource = (id) => {
    const target = document.getElementById(id);
    if (!target) return false;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const card = target.closest("details");
    card.scrollIntoView({ block: "nearest" });
    card.querySelector("summary").focus();
    return true;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#kilde-"]');
    if (link && showSource(link.getAttribute("href").slice(1))) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    // An example was put into the box: the next thing is to change or send it.
    if (event.target.closest(".fs-example")) document.querySelector("#fs-box textarea")?.focus();
    if (event.target.closest("#fs-new")) document.querySelector("#fs-box textarea")?.focus();
  }, true);
})();
