// Puts the chosen theme on the page before it is painted; src/shell/theme.ts changes it later.
const theme = localStorage.getItem("roundhouse.theme");
if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
