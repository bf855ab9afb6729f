// Keeps every file of the page, models included, so that one visit is enough to work offline. A new version waits until no window shows the old one: the files of the two do
// not mix.
import { clientsClaim } from 'workbox-core';
import { cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { reportRequests } from './requests/report-requests.js';

/** Every file of the page; the build puts the list here. */
declare const precached: { url: string; revision: string }[];

reportRequests('service worker');
clientsClaim();
cleanupOutdatedCaches();
precacheAndRoute(precached, { ignoreURLParametersMatching: [/./] }); // what follows a ? is for the page, and makes no other file
