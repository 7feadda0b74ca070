import { render } from "preact";
import { startTheme } from "../theme";
import "../style/tokens.css";
import { List } from "./List";

startTheme();
const page = document.getElementById("page");
if (page) render(<List />, page);
