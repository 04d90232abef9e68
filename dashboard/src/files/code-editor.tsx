/** The editor itself: CodeMirror, fetched only when a text is opened. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";
import { highlighting, theme } from "./code-theme.ts";
import { languageSupport } from "./code-languages.ts";
import css from "./files.module.css";
import type { Language } from "./kinds.ts";

export type EditorHandle = {
  text(): string;
  /** What stands there now is what the node has. */
  markSaved(): void;
};

type CodeEditorProps = {
  label: string;
  text: string;
  /** What the node has; it differs from `text` when there is a draft. */
  savedText: string;
  language: Language;
  onReady: (handle: EditorHandle) => void;
  onDirty: (isDirty: boolean) => void;
  onSave: () => void;
};

/** Give it the file as key: another file is another editor. */
export function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  useEffect(() => {
    if (!host.current) return undefined;
    const view = openEditor(host.current, newest);
    view.focus();
    return () => view.destroy();
  }, []);
  // The page's single-key shortcuts listen further up, and cannot see into a shadow root that somebody types there.
  return <div ref={host} class={css.code} onKeyDown={(event) => event.stopPropagation()} />;
}

function openEditor(host: HTMLElement, newest: { current: CodeEditorProps }): EditorView {
  const { text, savedText, label, language, onReady, onDirty } = newest.current;
  let saved: Text;
  const noteChange = EditorView.updateListener.of(({ docChanged, state }) => {
    if (docChanged) newest.current.onDirty(!state.doc.eq(saved));
  });
  const save = { key: "Mod-s", preventDefault: true, run: () => (newest.current.onSave(), true) };
  const own = [keymap.of([save]), noteChange, lineEnds(text), EditorView.contentAttributes.of({ "aria-label": label })];
  const state = EditorState.create({ doc: text, extensions: [...own, ...BASICS, languageSupport(language)] });
  // In a shadow root CodeMirror's styles are sheets that scripts made, which our policy allows; elements it would not.
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({ parent: root, root, state });
  saved = savedText === text ? state.doc : state.toText(savedText);
  onDirty(savedText !== text);
  onReady({
    text: () => view.state.sliceDoc(),
    markSaved: () => {
      saved = view.state.doc;
      newest.current.onDirty(false);
    },
  });
  return view;
}

/** A file keeps its line ends: all as on Windows, or whatever they are, character by character. */
function lineEnds(text: string): Extension {
  if (!text.includes("\r")) return [];
  const isWindows = text.replaceAll("\r\n", "").search(/[\r\n]/) < 0;
  return EditorState.lineSeparator.of(isWindows ? "\r\n" : "\n");
}

const BASICS: Extension[] = [
  ...[lineNumbers(), history(), drawSelection(), highlightActiveLine(), highlightSpecialChars()],
  ...[indentOnInput(), bracketMatching(), highlightSelectionMatches(), search({ top: true })],
  ...[indentUnit.of("    "), EditorState.tabSize.of(4), theme, highlighting],
  keymap.of([...searchKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
];
