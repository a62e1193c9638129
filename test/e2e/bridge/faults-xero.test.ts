// Every fault of the rehearsal Xero, met by the whole bridge.
import './short-patience';
import { faultStories } from './fault-stories';

faultStories('xero');
