/** One file for all menus and dialogs: together they are small, and whoever opens one may open another. */
export { MoreItems } from './controls/more-items.tsx';
export { QualityChoices } from './controls/quality-choices.tsx';
export { ReportDialog } from './dialogs/report-dialog.tsx';
export { ShortcutList } from './dialogs/shortcut-list.tsx';
