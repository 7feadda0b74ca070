import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import { App } from "./App";
import { start } from "./state";
import "../style/tokens.css";
import "../studies/studies.css";
import "./admin.css";

startLanguage();
startTheme();
start();
const page = document.getElementById("page");
if (page) render(<App />, page);
