import { render } from "preact";
import { startLanguage } from "../language/language";
import { startTheme } from "../theme";
import "../style/tokens.css";
import "../style/views.css";
import "./timeline.css";
import "./list.css";
import { List } from "./List";
import { patient } from "./state";
import { Timeline } from "./Timeline";

startLanguage();
startTheme();
const page = document.getElementById("page");
if (page) render(patient ? <Timeline /> : <List />, page);
