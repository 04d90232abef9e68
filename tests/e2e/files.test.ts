/** The files of an app through the dashboard in a real browser: browse, edit, save, view, move and remove. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, installFromCatalogue, openBrowser, signIn } from "./browser.ts";
import { type House, openHouse } from "./house.ts";

/** A red, a green and a blue dot. */
const DOTS = [0, 1, 2].map(dot);
const ROW_LIMIT_MS = 10_000;

let house: House;
let browser: Browser;
let page: Page;
let own: string;

beforeAll(async () => {
  house = await openHouse();
  browser = await openBrowser();
  ({ page } = browser);
  await signIn(page, house);
  await installFromCatalogue(page, "Hello");
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 60_000 });
  own = join(house.nodeData, "instances/hello");
  await mkdir(join(own, "pictures"));
  for (const [index, bytes] of DOTS.entries()) await writeFile(join(own, "pictures", `dot-${index + 1}.bmp`), bytes);
  await writeFile(join(own, "pictures/notes.txt"), "three dots");
  await writeFile(join(own, "pictures/not-really.png"), "<script>alert(1)</script>");
  await symlink("/etc", join(own, "way-out"));
  await symlink("pictures", join(own, "way-in"));
  await page.getByRole("tab", { name: "Files" }).click();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const files = () => page.getByRole("region", { name: "Files of hello" });
const row = (name: string) => files().getByRole("row", { name: new RegExp(`^${name}`) });
const entry = (name: string) => files().getByRole("button", { name, exact: true });
const names = () => files().locator("tbody tr td:first-child button span").allInnerTexts();
const editor = (name: string) => page.getByRole("textbox", { name: `Text of ${name}` });
const onDisk = (path: string) => readFile(join(own, path), "utf8");

test("the list shows what lies there, folders first, and sorts by a column", async () => {
  await entry("launch.sh").waitFor();
  await files().getByRole("button", { name: "Read the folder again" }).click();
  await entry("pictures").waitFor();
  expect((await names())[0]).toBe("pictures");
  await row("way-out").getByText("→ /etc").waitFor();
  await entry("pictures").click();
  await files().getByRole("button", { name: "Size" }).click();
  await files().getByRole("button", { name: "Size" }).click();
  await expect.poll(async () => (await names()).at(-1)).toBe("notes.txt");
  await files().getByRole("button", { name: "Name", exact: true }).click();
});

test("the keys of a file manager: down, open, up, and the focus is where one came from", async () => {
  await row("dot-1").focus();
  await page.keyboard.press("ArrowDown");
  expect(await focusedRow()).toContain("dot-2.bmp");
  await page.keyboard.press("End");
  expect(await focusedRow()).toContain("notes.txt");
  await page.keyboard.press("Backspace");
  await expect.poll(focusedRow).toContain("pictures");
  await page.keyboard.press("Enter");
  await entry("dot-1.bmp").waitFor();
  await page.keyboard.press("Backspace");
  await expect.poll(focusedRow).toContain("pictures");
});

test("[FS3] a link out is not followed; one that stays inside leads there", async () => {
  await entry("way-out").click();
  await page.getByText("way-out leads out of the folders that are shown here.").waitFor();
  await entry("way-in").click();
  await entry("dot-1.bmp").waitFor();
  await files().getByRole("button", { name: "To the top" }).click();
});

test("[FS6] a text is edited and saved with Ctrl-S, and the page's shortcuts stay out of it", async () => {
  await entry("launch.sh").click();
  await editor("launch.sh").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\n# sorted, restarted, opened\n");
  await files().getByText("● not saved").waitFor();
  expect(await page.getByRole("row", { name: /hello/ }).getByText("started").count()).toBe(1);
  await page.keyboard.press("Control+s");
  await page.getByText("Saved. hello takes it over at its next start.").waitFor();
  expect(await onDisk("launch.sh")).toMatch(/# sorted, restarted, opened\n/);
  await expect.poll(() => files().getByText("● not saved").count()).toBe(0);
});

test("[FS6] of two who edit, the second is told and decides; what was typed survives a look at the log", async () => {
  await page.keyboard.type("# mine\n");
  await writeFile(join(own, "launch.sh"), "#!/bin/bash\n# theirs\n");
  await page.keyboard.press("Control+s");
  await files().getByText("It was changed on the node meanwhile.").waitFor();
  expect(await onDisk("launch.sh")).toContain("theirs");
  await page.getByRole("tab", { name: "Log" }).click();
  await page.getByRole("tab", { name: "Files" }).click();
  await files().getByText("● not saved").waitFor();
  await editor("launch.sh").click();
  await page.keyboard.press("Control+End");
  await editor("launch.sh").getByText("# mine").waitFor();
  await page.keyboard.press("Control+s");
  await files().getByRole("button", { name: "Overwrite it with mine" }).click();
  await expect.poll(() => onDisk("launch.sh")).toContain("# mine");
});

test("an edited launch script is restarted with, and becomes a blueprint when it is a valid one", async () => {
  await files().getByRole("button", { name: "Save and restart" }).click();
  await page.getByText("Saved. hello restarts.").waitFor();
  await page.getByRole("row", { name: /hello/ }).getByText("started").waitFor({ timeout: 60_000 });
  await files().getByRole("button", { name: "Save as blueprint" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("hello");
  await dialog.getByRole("button", { name: "Add to the catalogue" }).click();
  await dialog.getByText(/there is a blueprint "hello" already/).waitFor();
  await dialog.getByLabel("Name").fill("hello-of-mine");
  await dialog.getByRole("button", { name: "Add to the catalogue" }).click();
  await page.getByText(/is in the catalogue, as hello-of-mine/).waitFor();
  const made = (await house.api.blueprints()).find(({ name }) => name === "hello-of-mine");
  expect((await house.api.get<{ source: string }>(`/api/blueprints/${made?.id}`)).source).toContain("# mine");
});

test("leaving an unsaved text asks first, also when the page is left", async () => {
  await editor("launch.sh").click();
  await page.keyboard.type("# lost");
  await files().getByRole("button", { name: "Back to the list" }).click();
  await page.getByRole("heading", { name: "Leave launch.sh unsaved?" }).waitFor();
  await page.getByRole("button", { name: "Keep editing" }).click();
  const asking = page.waitForEvent("dialog");
  const leaving = page.reload({ timeout: 3_000 }).catch(() => undefined);
  const question = await asking;
  expect(question.type()).toBe("beforeunload");
  await question.dismiss();
  await leaving;
  await files().getByRole("button", { name: "Back to the list" }).click();
  await page.getByRole("button", { name: "Discard the changes" }).click();
  await entry("launch.sh").waitFor();
  expect(await onDisk("launch.sh")).not.toContain("# lost");
});

test("[FS7] [FS8] [FS9] a file and a folder are made, renamed, moved and removed", async () => {
  await files().getByRole("button", { name: "New folder" }).click();
  await nameIt("settings", "Make it");
  await entry("settings").waitFor();
  await files().getByRole("button", { name: "New file" }).click();
  await nameIt("config.yaml", "Make it");
  await editor("config.yaml").click();
  await page.keyboard.type("port: 80\r");
  await page.keyboard.press("Control+s");
  await page.getByText("Saved.", { exact: true }).waitFor();
  await files().getByRole("button", { name: "Back to the list" }).click();
  await row("config.yaml").focus();
  await page.keyboard.press("F2");
  await nameIt("launch.sh", "Rename");
  await page.getByRole("dialog").getByText('There is something called "launch.sh" already.').waitFor();
  await nameIt("settings/app.yaml", "Rename");
  await expect.poll(() => entry("config.yaml").count()).toBe(0);
  expect(await onDisk("settings/app.yaml")).toBe("port: 80\n");
  await row("settings").focus();
  await page.keyboard.press("Delete");
  await page.getByRole("heading", { name: "Remove settings?" }).waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await expect.poll(() => entry("settings").count()).toBe(0);
  expect(await readdir(own)).not.toContain("settings");
});

test("the viewer shows one file after another by the arrow keys, and runs nothing", async () => {
  await entry("pictures").click();
  await entry("dot-1.bmp").click();
  const viewer = page.getByRole("dialog", { name: /^View of/ });
  await expect.poll(() => widthOf(viewer.getByRole("img", { name: "dot-1.bmp" }))).toBe(1);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => widthOf(viewer.getByRole("img", { name: "dot-2.bmp" }))).toBe(1);
  await page.keyboard.press("End");
  await viewer.getByText("three dots").waitFor();
  await page.keyboard.press("ArrowLeft");
  await viewer.getByText("This browser cannot show it").waitFor();
  await page.keyboard.press("Home");
  await viewer.getByText("1 of 5").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => viewer.count()).toBe(0);
});

test("what is neither text nor media is offered for download, and a text keeps what was typed while one looks at the log", async () => {
  await writeFile(join(own, "pictures/odd.dat"), Buffer.from([0xff, 0xfe, 0, 1]));
  await writeFile(join(own, "pictures/letter.txt"), "Dear\n");
  await files().getByRole("button", { name: "Read the folder again" }).click();
  await entry("odd.dat").click();
  await files().getByRole("heading", { name: "This is no text" }).waitFor();
  await files().getByRole("button", { name: "Back to the list" }).click();
  await entry("letter.txt").click();
  await editor("letter.txt").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("draft ");
  await page.getByRole("tab", { name: "Log" }).click();
  await page.getByRole("tab", { name: "Files" }).click();
  await editor("letter.txt").getByText("draft Dear").waitFor();
  await page.keyboard.press("Control+s");
  await expect.poll(() => onDisk("pictures/letter.txt")).toBe("draft Dear\n");
  await files().getByRole("button", { name: "Back to the list" }).click();
});

test("[FS5] a large file is downloaded in ranges and is whole", async () => {
  const bytes = randomBytes(20 * 1024 * 1024);
  await writeFile(join(own, "pictures/large.bin"), bytes);
  await files().getByRole("button", { name: "Read the folder again" }).click();
  const downloading = page.waitForEvent("download", { timeout: 60_000 });
  await files().getByRole("button", { name: "Download large.bin" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe("large.bin");
  const hash = (data: Buffer) => createHash("sha256").update(data).digest("hex");
  expect(hash(await readFile(await download.path()))).toBe(hash(bytes));
});

test("an upload goes into the folder that is looked at, also below the models", async () => {
  await page.getByLabel("Where").selectOption("models");
  await files().getByRole("button", { name: "Upload files here" }).click();
  await page.getByRole("dialog").getByLabel("Folder").fill("loras");
  const sent = { name: "style.safetensors", mimeType: "application/octet-stream", buffer: Buffer.from("weights") };
  await page.getByLabel("Files to upload").setInputFiles(sent);
  await page.getByRole("list", { name: "Uploads" }).getByText("done: loras/style.safetensors").waitFor();
  await page.keyboard.press("Escape");
  await entry("loras").click();
  await entry("style.safetensors").waitFor();
  expect(await readFile(join(house.nodeData, "models/loras/style.safetensors"), "utf8")).toBe("weights");
});

test("outputs that are not there yet say what to do, and on a phone nothing is cut off", async () => {
  await page.getByLabel("Where").selectOption("outputs");
  await files().getByText("No outputs yet").waitFor({ timeout: ROW_LIMIT_MS });
  await page.getByLabel("Where").selectOption("instance");
  await page.setViewportSize({ width: 390, height: 844 });
  await entry("pictures").waitFor();
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1440, height: 900 });
});

async function nameIt(name: string, action: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: action }).click();
}

function focusedRow(): Promise<string> {
  return page.evaluate(() => document.activeElement?.closest("tr")?.textContent ?? "");
}

function widthOf(image: { evaluate<T>(look: (element: HTMLElement | SVGElement) => T): Promise<T> }): Promise<number> {
  return image.evaluate((element) => (element as HTMLImageElement).naturalWidth);
}

/** A bitmap of one pixel. */
function dot(channel: number): Buffer {
  const bytes = Buffer.alloc(58);
  bytes.write("BM");
  bytes.writeUInt32LE(58, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(1, 18);
  bytes.writeInt32LE(1, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  bytes.writeUInt32LE(4, 34);
  bytes[54 + (2 - channel)] = 255;
  return bytes;
}
