/**
 * Ways around what xterm.js does and our Content-Security-Policy refuses, as it should: style elements and style
 * attributes. Adopted style sheets and single properties do the same, and no policy is about them.
 */

/** Runs `act`, in which every style element that is made is an adopted style sheet instead. */
export function withAdoptedStyles(act: () => void): void {
  document.createElement = createElement;
  try {
    act();
  } finally {
    // What it hides is the prototype's.
    Reflect.deleteProperty(document, "createElement");
  }
}

/** From here on a span's style attribute is set property by property: the colours that a program chooses freely. */
export function allowSpanStyles(): void {
  HTMLSpanElement.prototype.setAttribute = function setAttribute(name: string, value: string): void {
    if (name === "style") this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}

function createElement(name: string): HTMLElement {
  return name === "style" ? styleElement() : plainElement(name);
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

function plainElement(name: string): HTMLElement {
  return Document.prototype.createElement.call(document, name);
}
