// The dense layers of models/toxicity.byteflow: four blocks, each with the gates of two directions on windows of two rows, and a projection.

export const channels = 192;
export const blocks = 4;
export const gates = { inputs: 2 * channels, outputs: 288 };
export const projection = { inputs: channels, outputs: channels };

/** In the order in which a text passes them. */
export const denseShapes = Array.from({ length: blocks }, () => [gates, gates, projection]).flat();

/** Rows of a text: its bytes and an end mark, four a row. */
export const rowsOf = (text) => Math.ceil((new TextEncoder().encode(text).length + 1) / 4);
