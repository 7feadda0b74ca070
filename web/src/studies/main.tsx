import { render } from "preact";
import { startTheme } from "../theme";
import { App } from "./App";
import "../style/tokens.css";
import "./studies.css";
import "./conduct/forms.css";
import { start } from "./state";

startTheme();
start();
const page = document.getElementById("page");
if (page) render(<App />, page);
