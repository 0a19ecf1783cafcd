import activity from 'lucide-static/icons/activity.svg?raw';
import arrowDown from 'lucide-static/icons/arrow-down.svg?raw';
import arrowUp from 'lucide-static/icons/arrow-up.svg?raw';
import audioLines from 'lucide-static/icons/audio-lines.svg?raw';
import chartColumn from 'lucide-static/icons/chart-column.svg?raw';
import check from 'lucide-static/icons/check.svg?raw';
import chevronDown from 'lucide-static/icons/chevron-down.svg?raw';
import chevronRight from 'lucide-static/icons/chevron-right.svg?raw';
import circleAlert from 'lucide-static/icons/circle-alert.svg?raw';
import copy from 'lucide-static/icons/copy.svg?raw';
import disc3 from 'lucide-static/icons/disc-3.svg?raw';
import ellipsis from 'lucide-static/icons/ellipsis.svg?raw';
import folder from 'lucide-static/icons/folder.svg?raw';
import folderPlus from 'lucide-static/icons/folder-plus.svg?raw';
import gripVertical from 'lucide-static/icons/grip-vertical.svg?raw';
import headphones from 'lucide-static/icons/headphones.svg?raw';
import heart from 'lucide-static/icons/heart.svg?raw';
import history from 'lucide-static/icons/history.svg?raw';
import listFilter from 'lucide-static/icons/list-filter.svg?raw';
import listMusic from 'lucide-static/icons/list-music.svg?raw';
import listPlus from 'lucide-static/icons/list-plus.svg?raw';
import listX from 'lucide-static/icons/list-x.svg?raw';
import house from 'lucide-static/icons/house.svg?raw';
import maximize from 'lucide-static/icons/maximize.svg?raw';
import micVocal from 'lucide-static/icons/mic-vocal.svg?raw';
import minimize from 'lucide-static/icons/minimize.svg?raw';
import moon from 'lucide-static/icons/moon.svg?raw';
import music from 'lucide-static/icons/music.svg?raw';
import pause from 'lucide-static/icons/pause.svg?raw';
import pictureInPicture2 from 'lucide-static/icons/picture-in-picture-2.svg?raw';
import pin from 'lucide-static/icons/pin.svg?raw';
import play from 'lucide-static/icons/play.svg?raw';
import plus from 'lucide-static/icons/plus.svg?raw';
import redo2 from 'lucide-static/icons/redo-2.svg?raw';
import refreshCw from 'lucide-static/icons/refresh-cw.svg?raw';
import repeat from 'lucide-static/icons/repeat.svg?raw';
import repeat1 from 'lucide-static/icons/repeat-1.svg?raw';
import search from 'lucide-static/icons/search.svg?raw';
import settings from 'lucide-static/icons/settings.svg?raw';
import shuffle from 'lucide-static/icons/shuffle.svg?raw';
import skipBack from 'lucide-static/icons/skip-back.svg?raw';
import skipForward from 'lucide-static/icons/skip-forward.svg?raw';
import slidersHorizontal from 'lucide-static/icons/sliders-horizontal.svg?raw';
import smartphone from 'lucide-static/icons/smartphone.svg?raw';
import sparkles from 'lucide-static/icons/sparkles.svg?raw';
import speaker from 'lucide-static/icons/speaker.svg?raw';
import tags from 'lucide-static/icons/tags.svg?raw';
import trash2 from 'lucide-static/icons/trash-2.svg?raw';
import triangleAlert from 'lucide-static/icons/triangle-alert.svg?raw';
import undo2 from 'lucide-static/icons/undo-2.svg?raw';
import userRound from 'lucide-static/icons/user-round.svg?raw';
import users from 'lucide-static/icons/users.svg?raw';
import volume1 from 'lucide-static/icons/volume-1.svg?raw';
import volume2 from 'lucide-static/icons/volume-2.svg?raw';
import volumeX from 'lucide-static/icons/volume-x.svg?raw';
import x from 'lucide-static/icons/x.svg?raw';

/** The icons that are in use, from Lucide. */
export const icons = {
  activity,
  'arrow-down': arrowDown,
  'arrow-up': arrowUp,
  'audio-lines': audioLines,
  'chart-column': chartColumn,
  check,
  'chevron-down': chevronDown,
  'chevron-right': chevronRight,
  'circle-alert': circleAlert,
  copy,
  'disc-3': disc3,
  ellipsis,
  folder,
  'folder-plus': folderPlus,
  'grip-vertical': gripVertical,
  headphones,
  heart,
  history,
  house,
  'list-filter': listFilter,
  'list-music': listMusic,
  'list-plus': listPlus,
  'list-x': listX,
  maximize,
  'mic-vocal': micVocal,
  minimize,
  moon,
  music,
  pause,
  'picture-in-picture-2': pictureInPicture2,
  pin,
  play,
  plus,
  'redo-2': redo2,
  'refresh-cw': refreshCw,
  repeat,
  'repeat-1': repeat1,
  search,
  settings,
  shuffle,
  'skip-back': skipBack,
  'skip-forward': skipForward,
  'sliders-horizontal': slidersHorizontal,
  smartphone,
  sparkles,
  speaker,
  tags,
  'trash-2': trash2,
  'triangle-alert': triangleAlert,
  'undo-2': undo2,
  'user-round': userRound,
  users,
  'volume-1': volume1,
  'volume-2': volume2,
  'volume-x': volumeX,
  x,
};

export type IconName = keyof typeof icons;
