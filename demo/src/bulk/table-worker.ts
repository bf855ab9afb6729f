// The worker of the bulk tab.
import { expose } from 'comlink';
import { reportRequests } from '../requests/report-requests.js';
import { CommentTable } from './comment-table.js';

reportRequests('bulk worker');
expose(new CommentTable());
