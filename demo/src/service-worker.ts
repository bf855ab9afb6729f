// Keeps every file of the page, models included, so that one visit is enough to work offline. A new version waits until it is asked for, or until no window shows the old
// one: the files of the two do not mix.
import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { reportRequests } from './requests/report-requests.js';

declare function skipWaiting(): Promise<void>; // of service workers, whose types do not go with those of pages

/** Every file of the page; the build puts the list here. */
declare const precached: { url: string; revision: string }[];

reportRequests('service worker');
clientsClaim();
cleanupOutdatedCaches();
precacheAndRoute(precached, { ignoreURLParametersMatching: [/./] }); // what follows a ? is for the page, and makes no other file
addEventListener('message', ({ data }) => data === 'take over' && void skipWaiting());
