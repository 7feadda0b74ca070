import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import { App } from "./App";
import "../style/tokens.css";
import "../studies/studies.css";
import "./cohort.css";

startLanguage();
startTheme();
const page = document.getElementById("page");
if (page) render(<App />, page);
