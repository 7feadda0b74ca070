import { render } from "preact";
import { startTheme } from "../theme";
import { App } from "./App";
import "../style/tokens.css";
import "../studies/studies.css";
import "./cohort.css";

startTheme();
const page = document.getElementById("page");
if (page) render(<App />, page);
