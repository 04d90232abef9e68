/**
 * The document as xterm.js sees it. It writes style sheets and style attributes, which our Content-Security-Policy
 * refuses, as it should: here they become adopted style sheets and single properties, which no policy is about.
 */

let made: Document | undefined;

export function cspDocument(): Document {
  made ??= new Proxy(document, {
    get(target, name) {
      if (name === "createElement") return createElement;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
  return made;
}

/** Its scroll bar takes the page's own document all the same, when it is opened. */
export function openIn(act: () => void): void {
  document.createElement = createElement as typeof document.createElement;
  try {
    act();
  } finally {
    // What it hides is the prototype's.
    Reflect.deleteProperty(document, "createElement");
  }
}

function createElement(name: string): HTMLElement {
  if (name === "style") return styleElement();
  const element = plainElement(name);
  if (name === "span") element.setAttribute = setAttribute;
  return element;
}

function setAttribute(this: HTMLElement, name: string, value: string): void {
  if (name === "style") this.style.cssText = value;
  else Element.prototype.setAttribute.call(this, name, value);
}

function plainElement(name: string): HTMLElement {
  return Document.prototype.createElement.call(document, name) as HTMLElement;
}

/** Its text is a sheet for as long as it is not removed. */
function styleElement(): HTMLElement {
  const element = plainElement("template");
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, "textContent", {
    set: (text: string) => {
      sheet.replaceSync(text);
    },
  });
  element.remove = () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    Element.prototype.remove.call(element);
  };
  return element;
}
