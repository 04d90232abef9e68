/** The editor itself: CodeMirror, fetched only when a text is opened. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
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

/** Something wrong at a line, counted from 1; null for what is wrong with the whole. */
type LineProblem = { line: number | null; message: string; severity: "error" | "warning" };

export type EditorHandle = {
  text(): string;
  /** Marks these lines, and no others. */
  showProblems(problems: readonly LineProblem[]): void;
  /** Puts the cursor there, in sight. */
  goTo(line: number): void;
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
  /** Each time the text is another one. */
  onText?: (text: string) => void;
};

/** Give it the file as key: another file is another editor. */
export function CodeEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const newest = useRef(props);
  newest.current = props;
  useEffect(() => {
    if (!host.current) return undefined;
    const { view, close } = openEditor(host.current, newest);
    view.focus();
    return close;
  }, []);
  // The page's single-key shortcuts listen further up, and cannot see into a shadow root that somebody types there.
  return <div ref={host} class={css.code} onKeyDown={(event) => event.stopPropagation()} />;
}

function openEditor(host: HTMLElement, newest: { current: CodeEditorProps }): { view: EditorView; close: () => void } {
  const { text, savedText, label, language, onReady, onDirty } = newest.current;
  let saved: Text;
  const noteChange = EditorView.updateListener.of(({ docChanged, state }) => {
    if (!docChanged) return;
    newest.current.onDirty(!state.doc.eq(saved));
    newest.current.onText?.(state.sliceDoc());
  });
  const save = { key: "Mod-s", preventDefault: true, run: () => (newest.current.onSave(), true) };
  const gutter = newest.current.onText ? [lintGutter()] : [];
  const own = [
    ...gutter,
    keymap.of([save]),
    noteChange,
    lineEnds(text),
    EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
  ];
  const state = EditorState.create({ doc: text, extensions: [...own, ...BASICS, languageSupport(language)] });
  // In a shadow root CodeMirror's styles are sheets that scripts made, which our policy allows; elements it would not.
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({ parent: root, root, state });
  // It does not see by itself that its letters have another size.
  const observer = new ResizeObserver(() => view.requestMeasure());
  observer.observe(view.contentDOM);
  saved = savedText === text ? state.doc : state.toText(savedText);
  onDirty(savedText !== text);
  onReady({
    text: () => view.state.sliceDoc(),
    showProblems: (problems) =>
      view.dispatch(setDiagnostics(view.state, problems.flatMap(toDiagnostic(view.state.doc)))),
    goTo: (line) => {
      view.dispatch({ selection: { anchor: lineOf(view.state.doc, line).from }, scrollIntoView: true });
      view.focus();
    },
    markSaved: () => {
      saved = view.state.doc;
      newest.current.onDirty(false);
    },
  });
  return { view, close: () => (observer.disconnect(), view.destroy()) };
}

function toDiagnostic(doc: Text): (problem: LineProblem) => Diagnostic[] {
  return ({ line, message, severity }) => {
    if (line === null) return [];
    const { from, to } = lineOf(doc, line);
    return [{ from, to, severity, message }];
  };
}

function lineOf(doc: Text, line: number): { from: number; to: number } {
  return doc.line(Math.min(doc.lines, Math.max(1, line)));
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
