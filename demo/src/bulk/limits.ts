/** The table is held in memory and its rows are laid out 40 pixels high: 250,000 of them are 10 million pixels, and browsers end at about 17 million. */
export const mostRecords = 250_000;
