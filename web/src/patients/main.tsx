import { render } from "preact";
import { startTheme } from "../theme";
import "../style/tokens.css";
import "../style/views.css";
import "./timeline.css";
import { List } from "./List";
import { patient } from "./state";
import { Timeline } from "./Timeline";

startTheme();
const page = document.getElementById("page");
if (page) render(patient ? <Timeline /> : <List />, page);
