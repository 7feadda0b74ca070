import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import { App } from "./App";
import "../style/tokens.css";
import "./peek.css";
import "./worklist.css";
import { saySteps } from "./spoken";
import { start } from "./state";

startLanguage();
startTheme();
start();
saySteps();
const page = document.getElementById("page");
if (page) render(<App />, page);
