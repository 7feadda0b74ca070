import { render } from "preact";
import { App } from "./app";
import "./style/tokens.css";
import "./style/layout.css";
import "./style/views.css";
import "./style/panel.css";
import "./style/score.css";
import "./style/tools.css";
import { listen } from "./keys";
import { open } from "./model/store";
import { startTheme } from "./theme";
import { watchWidth } from "./views/looks";

startTheme();
watchWidth();
listen();
void open();
const page = document.getElementById("page");
if (page) render(<App />, page);
