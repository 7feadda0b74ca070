import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import { App } from "./App";
import { start } from "./state";
import { restore } from "./turning";
import "../style/tokens.css";
import "../studies/studies.css";
import "./cohort.css";

startLanguage();
startTheme();
const page = document.getElementById("page");
void start(restore);
if (page) render(<App />, page);
