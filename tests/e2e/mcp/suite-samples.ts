/** The least that is an image, a sound and a resource. */

/** One grey pixel. */
export const PIXEL = {
  mimeType: "image/png",
  data: "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGOIAgAAXABb2LRWWgAAAABJRU5ErkJggg==",
};

/** A millisecond. */
export const SILENCE = {
  mimeType: "audio/wav",
  data: "UklGRiwAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQgAAACAgICAgICAgA==",
};

export const TEXT_RESOURCE = { uri: "test://embedded", mimeType: "text/plain", text: "A resource within an answer." };
export const JSON_RESOURCE = {
  uri: "test://embedded-json",
  mimeType: "application/json",
  text: '{"within":"an answer"}',
};
