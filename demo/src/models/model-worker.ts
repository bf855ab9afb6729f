// A worker that runs a model, as byteflow's own does, and says what it asks the network for.
import 'byteflow/worker';
import { reportRequests } from '../requests/report-requests.js';

reportRequests('model worker');
