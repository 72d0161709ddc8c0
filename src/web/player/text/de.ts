import type { Texts } from './texts.ts';

export const de: Texts = {
  locale: 'de',
  direction: 'ltr',
  player: 'Live-Video',
  states: {
    connecting: {
      what: 'Verbindung zur Show wird aufgebaut.',
      next: 'Sie beginnt gleich von selbst.',
    },
    'waiting-for-host': {
      what: 'Die Show hat noch nicht begonnen.',
      next: 'Sie startet hier von selbst. Neu laden ist nicht nötig.',
    },
    'tap-to-play': {
      what: 'Die Show ist bereit.',
      next: 'Dieser Browser startet Videos erst nach einem Tippen.',
    },
    paused: { what: 'Angehalten.', next: 'Mit „Abspielen“ geht es live weiter.' },
    buffering: { what: 'Das Video wird geladen.', next: 'Es geht von selbst weiter.' },
    reconnecting: {
      what: 'Die Verbindung zur Show wurde unterbrochen.',
      next: 'Der Player verbindet sich von selbst wieder.',
    },
    migrating: {
      what: 'Die Show wechselt auf einen anderen Server.',
      next: 'In wenigen Sekunden geht es von selbst weiter.',
    },
    ended: { what: 'Die Show ist zu Ende.', next: 'Hier folgt nichts mehr. Danke fürs Zuschauen.' },
    'not-allowed': {
      what: 'Der Zugang zur Show wurde nicht bestätigt.',
      next: 'Öffnen Sie die Show noch einmal auf der Seite, von der Sie kommen, oder versuchen Sie es jetzt erneut.',
    },
    'platform-out': {
      what: 'Der Videodienst ist gestört. Es liegt nicht an Ihnen.',
      next: 'Die Show geht hier von selbst weiter, sobald die Störung behoben ist.',
    },
    'use-agora': {
      what: 'Die Show läuft jetzt über Agora, mit weniger Verzögerung.',
      next: 'Wechseln Sie, um weiter zuzusehen.',
    },
    unsupported: {
      what: 'Dieser Browser kann das Video nicht abspielen.',
      next: 'Öffnen Sie diese Seite in einer aktuellen Version von Chrome, Edge, Firefox oder Safari.',
    },
  },
  hostAway: {
    what: 'Der Gastgeber ist kurz weg.',
    next: 'Die Show geht hier von selbst weiter, sobald er zurück ist.',
  },
  offline: {
    what: 'Zurzeit besteht keine Internetverbindung.',
    next: 'Es geht von selbst weiter, sobald sie wieder da ist.',
  },
  slowNetwork: {
    what: 'Das Video kommt langsam an.',
    next: 'Es geht von selbst weiter. Der Datensparmodus macht Unterbrechungen seltener.',
  },
  slow: 'Das dauert länger als sonst. Der Player versucht es weiter.',
  retryIn: { one: 'Nächster Versuch in {n} Sekunde.', other: 'Nächster Versuch in {n} Sekunden.' },
  retryNow: 'Neuer Versuch läuft.',
  agoraSoon: 'Die Show wechselt gleich zu Agora, mit weniger Verzögerung.',
  agoraIn: {
    one: 'Wechsel in {n} Sekunde. Bis dahin läuft das Video hier weiter.',
    other: 'Wechsel in {n} Sekunden. Bis dahin läuft das Video hier weiter.',
  },
  agoraElsewhere: 'Öffnen Sie diese Seite noch einmal, um dort zuzusehen.',
  playingLive: 'Die Show läuft live.',
  playingBehind: 'Die Show läuft zeitversetzt.',
  actions: {
    retry: 'Jetzt erneut versuchen',
    play: 'Abspielen',
    useAgora: 'Auf Agora ansehen',
    saveData: 'Datensparmodus einschalten',
    sound: 'Für Ton tippen',
  },
  controls: {
    play: 'Abspielen',
    pause: 'Anhalten',
    mute: 'Ton aus',
    unmute: 'Ton an',
    volume: 'Lautstärke',
    captions: 'Untertitel',
    pictureInPicture: 'Bild-in-Bild',
    airPlay: 'AirPlay',
    fullScreen: 'Vollbild',
    leaveFullScreen: 'Vollbild verlassen',
    more: 'Mehr',
    report: 'Problem melden',
    shortcuts: 'Tastenkürzel',
    close: 'Schließen',
  },
  live: {
    live: 'LIVE',
    seconds: { other: '{n} s zurück' },
    minutes: { other: '{n} min zurück' },
    behind: 'Zeitversetzt',
    goLive: 'Zurück zu live',
  },
  quality: {
    quality: 'Qualität',
    auto: 'Auto',
    only: '{quality}, wie der Verkäufer es sendet',
    dataSaver: 'Datensparmodus',
    rate: '{n} Mbit/s',
  },
  connection: { good: 'Gute Verbindung', fair: 'Mäßige Verbindung', poor: 'Schwache Verbindung' },
  causes: {
    'slow-network': 'Das Netz ist zurzeit langsam.',
    stalls: 'Das Video blieb in der letzten Minute mehrmals stehen.',
    'dropped-frames': 'Dieses Gerät ist zu ausgelastet, um jedes Bild zu zeigen.',
    offline: 'Zurzeit besteht keine Internetverbindung.',
  },
  problems: {
    lag: 'Das Video stockt oder kommt zu spät',
    quality: 'Das Video ist unscharf',
    sound: 'Der Ton fehlt oder ist gestört',
    other: 'Etwas anderes',
  },
  report: {
    intro:
      'Was stimmt nicht? Mit der Meldung werden technische Daten zur Wiedergabe gesendet, nichts über Sie.',
    sent: 'Danke. Die Meldung wurde gesendet.',
  },
  shortcuts: {
    play: 'Abspielen oder anhalten',
    mute: 'Ton an oder aus',
    'volume-up': 'Lauter',
    'volume-down': 'Leiser',
    live: 'Zurück zu live',
    captions: 'Untertitel an oder aus',
    'picture-in-picture': 'Bild-in-Bild an oder aus',
    'full-screen': 'Vollbild an oder aus',
    help: 'Diese Liste',
  },
  space: 'Leertaste',
};
