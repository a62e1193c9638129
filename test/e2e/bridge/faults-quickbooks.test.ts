// Every fault of the rehearsal QuickBooks, met by the whole bridge.
import './short-patience';
import { faultStories } from './fault-stories';

faultStories('quickbooks');
