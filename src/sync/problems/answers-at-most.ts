// How many conflicts one answer may settle: known to the bridge, to pages and to the API alike.
export const ANSWERS_AT_MOST = 500;
