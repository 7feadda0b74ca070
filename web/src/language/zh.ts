import words from "./zh.json";

export default words as Record<string, string>;
