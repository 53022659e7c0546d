// Before anything is drawn: the theme that was chosen in this browser.
try {
  const theme = localStorage.getItem("resartus.theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* as the device has it */ }
