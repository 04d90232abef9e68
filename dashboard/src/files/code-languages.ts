/** The languages the editor knows, by the kind of file. */
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { StreamLanguage } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import type { Extension } from "@codemirror/state";
import type { Language } from "./kinds.ts";

export function languageSupport(language: Language): Extension {
  switch (language) {
    case "shell":
      return StreamLanguage.define(shell);
    case "yaml":
      return yaml();
    case "json":
      return json();
    case "python":
      return python();
    case "plain":
      return [];
  }
}
