/** hls.js declares the types of its full build only. The light build has the same interface, with less behind it. */
declare module 'hls.js/light' {
  import Hls from 'hls.js';
  // eslint-disable-next-line no-restricted-exports -- as the package exports it
  export default Hls;
}
