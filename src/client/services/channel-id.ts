/** The app's ID of a channel: an integer or a text. 4711 and '4711' are the same channel. */
export type ChannelId = string | number;
