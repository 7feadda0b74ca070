import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import { App } from "./App";
import "../style/tokens.css";
import "./studies.css";
import "./conduct/forms.css";
import { start } from "./state";

startLanguage();
startTheme();
start();
const page = document.getElementById("page");
if (page) render(<App />, page);
